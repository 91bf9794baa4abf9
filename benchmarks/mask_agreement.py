"""How far two sets of masks of one picture are the same."""
import json
import pathlib

import numpy

SAME = 0.99  # IoU from which two masks count as the same


def read_masks(path):
    return json.loads(pathlib.Path(path).read_text())


def pixels_of(record):
    """The mask as a flat array, column by column, from COCO's run lengths."""
    counts = numpy.array(record["counts"], dtype=numpy.int64)
    return numpy.repeat(numpy.arange(len(counts)) % 2 == 1, counts)


def by_prompt(records):
    prompts = {}
    for record in records:
        prompts.setdefault(tuple(round(value, 3) for value in record["point"]), []).append(record)
    return prompts


def iou(a, b):
    union = numpy.count_nonzero(a | b)
    return numpy.count_nonzero(a & b) / union if union else 0.0


def pair_up(ours, reference):
    """Matches the masks of one prompt, the best pairs first: (IoU, our index, the reference's)."""
    our_pixels, their_pixels = [pixels_of(r) for r in ours], [pixels_of(r) for r in reference]
    candidates = sorted(((iou(a, b), i, j) for i, a in enumerate(our_pixels) for j, b in enumerate(their_pixels)),
                        reverse=True)
    pairs, taken_ours, taken_theirs = [], set(), set()
    for value, i, j in candidates:
        if i not in taken_ours and j not in taken_theirs:
            pairs.append((value, i, j))
            taken_ours.add(i)
            taken_theirs.add(j)
    return pairs


def compare_masks(our_path, reference_path):
    """Matches the masks of each prompt one to one. The reference keeps masks without a pixel, which landseam never
    hands out: they are counted and left aside."""
    our_records, all_reference_records = read_masks(our_path), read_masks(reference_path)
    reference_records = [record for record in all_reference_records if any(record["counts"][1::2])]
    ours, reference = by_prompt(our_records), by_prompt(reference_records)
    ious, iou_errors, stability_errors = [], [0.0], [0.0]
    for prompt, records in reference.items():
        for value, i, j in pair_up(ours.get(prompt, []), records):
            if value < SAME:
                continue
            a, b = ours[prompt][i], records[j]
            ious.append(value)
            iou_errors.append(abs(a["predicted_iou"] - b["predicted_iou"]))
            stability_errors.append(abs(a["stability_score"] - b["stability_score"]))
    runs = [len(record["counts"]) for record in reference_records] or [0]
    return {"landseam": len(our_records), "reference": len(all_reference_records),
            "reference_empty": len(all_reference_records) - len(reference_records), "same": len(ious),
            "identical": sum(value == 1 for value in ious), "lowest_iou": min(ious, default=0.0),
            "largest_predicted_iou_difference": max(iou_errors),
            "largest_stability_score_difference": max(stability_errors), "mean_runs": sum(runs) / len(runs)}
