"""What compare_reference measured, as Markdown."""
import os
import pathlib
import platform
import statistics

INSTRUCTION_SETS = ("avx2", "fma", "avx512f", "avx512vl", "avx512_bf16", "avx512_vnni", "amx_bf16", "amx_int8", "asimd", "sve")
STAGES = {"encode": "image encoder", "masks": "mask generation", "tile": "whole tile"}
MEBIBYTE = 1024 ** 2


def machine():
    try:
        lines = [line.split(":", 1) for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if ":" in line]
        facts = {key.strip(): value.strip() for key, value in lines}
    except OSError:
        facts = {}
    flags = (facts.get("flags") or facts.get("Features") or "").split()
    return {"processor": facts.get("model name", platform.processor()), "cores": os.cpu_count(),
            "instruction_sets": [name for name in INSTRUCTION_SETS if name in flags], "system": platform.platform()}


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def seconds(value):
    return "" if value is None else f"{value:.3g} s" if value < 100 else f"{value:.0f} s"


def ratio(slow, fast):
    return "" if slow is None or fast is None else f"{slow / fast:.1f} ×"


def times_table(result):
    medians = result["medians"]
    rows = []
    for stage, name in STAGES.items():
        ours, reference, peer = (medians.get(f"{side} {stage}") for side in ("landseam", "reference", "onnxruntime"))
        rows.append([name, seconds(ours), seconds(reference), ratio(reference, ours), seconds(peer), ratio(peer, ours)])
    return table(["stage", "landseam", "reference", "ratio", "ONNX Runtime", "ratio"], rows)


def spread_lines(result):
    lines = [f"- {name}: {', '.join(f'{value:.3g}' for value in values)}" for name, values in result["times"].items()]
    return "All rounds, in seconds:\n" + "\n".join(lines)


def machine_table(result):
    facts, peaks = result["machine"], result["peak"]
    middle = {key: statistics.median(peak[key] for peak in peaks) for key in peaks[0] if key != "what"}
    result["peak_medians"] = middle
    threads = result["landseam"]["threads"]
    return table(["machine", ""], [
        ["processor", f"{facts['processor']}, {facts['cores']} cores"],
        ["instruction sets", f"{' '.join(facts['instruction_sets'])}; landseam uses {result['landseam']['instruction_set']}"],
        ["fp32 product 1024 × 1024 × 1024, 1 thread", f"{middle['square_gflops']:.0f} GFLOP/s"],
        ["fp32 product 256 × 768 × 768, 1 thread", f"{middle['flat_gflops']:.0f} GFLOP/s"],
        [f"fp32 product 1024 × 1024 × 1024, {threads} threads at once", f"{middle['all_threads_gflops']:.0f} GFLOP/s"],
        ["reference", f"PyTorch {result['reference']['torch']}, BLAS setting: {result['blas_used']}"]])


def efficiency_table(result):
    """Above 100 % is possible where landseam leaves out work that the reference does."""
    model, peak = result["landseam"], result["peak_medians"]["all_threads_gflops"] * 1e9
    prompts = result["settings"]["points_per_side"] ** 2
    work = {"encode": model["encoder_flop"], "masks": prompts * model["decoder_flop_per_prompt"]}
    work["tile"] = work["encode"] + work["masks"]
    rows = []
    for stage, flop in work.items():
        time = result["medians"][f"landseam {stage}"]
        rows.append([STAGES[stage], f"{flop / 1e12:.3g} TFLOP", seconds(flop / peak), seconds(time),
                     f"{100 * flop / peak / time:.0f} %"])
    return table(["stage", "the reference's arithmetic", "at the machine's fp32 speed", "landseam", "share"], rows)


def memory_table(result):
    weights = result["landseam"]["weights_bytes"]
    rows = [["loading the model", result["landseam"]["peak_memory"]]]
    rows += [[STAGES[stage], bytes_] for stage, bytes_ in result["peak_memory"].items()]
    return table(["landseam's peak memory", "in all", "above the weights"], [
        [name, f"{bytes_ / MEBIBYTE:.0f} MiB", f"{(bytes_ - weights) / MEBIBYTE:.0f} MiB"] for name, bytes_ in rows])


def blas_table(result):
    rows = [[name, f"{speed:.0f} GFLOP/s" if speed else "does not run", seconds(result.get("other_blas", {}).get(name))]
            for name, speed in result["blas"].items()]
    for row in rows:
        if row[0] == result["blas_used"]:
            row[0] += " (used)"
            row[2] = seconds(result["medians"].get("reference encode"))
    return table(["the reference's BLAS", "product 1024 × 1024 × 1024, 1 thread", "image encoder"], rows)


def agreement_lines(result):
    a = result["agreement"]
    threshold = result["reference"]["pred_iou_thresh"]
    settings = result["settings"]
    prompts = settings["points_per_side"] ** 2
    lines = [
        f"{prompts} prompts of three masks; pred_iou_thresh {threshold:.6g}, stability_score_thresh "
        f"{settings['stability_score_thresh']:g} (0: off), box_nms_thresh {settings['box_nms_thresh']:g} (1: off), the same on both sides. "
        f"The reference keeps {a['reference']} masks ({100 * a['reference'] / (3 * prompts):.0f} %), with {a['mean_runs']:.0f} "
        f"run lengths each on average; {a['reference_empty']} of them have no pixel, and such landseam leaves out.",
        f"Of the other {a['reference'] - a['reference_empty']}, landseam, with {a['landseam']}, has {a['same']} the same (IoU of at least 0.99, matched one to one), "
        f"{a['identical']} of them to the pixel; lowest IoU {a['lowest_iou']:.5f}. Predicted IoU differs by at most "
        f"{a['largest_predicted_iou_difference']:.2g}, stability by at most {a['largest_stability_score_difference']:.2g}."]
    peer = result.get("onnx_runtime")
    if peer:
        lines.append(f"ONNX Runtime {peer['version']}: its embedding differs from the reference's by at most {peer['largest_difference']:.2g}.")
    waiting = ", ".join(f"{name} {value:.2f} s" for name, value in result["idle_seconds"].items())
    lines.append(f"Processor time used while waiting for a turn, over the whole run: {waiting}.")
    return "\n\n".join(lines)


def markdown(result):
    head = f"{result['landseam']['model']}, {result['landseam']['threads']} threads, medians:"
    parts = [machine_table(result), head, times_table(result), efficiency_table(result), memory_table(result), blas_table(result),
             agreement_lines(result), spread_lines(result)]
    return "\n\n".join(parts)
