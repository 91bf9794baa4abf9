"""Scores of several scenes as if they were one."""


def mean(scores, key, objects):
    """Over the scenes that have it: a score of pairs is none where there are no pairs."""
    known = [score for score in scores if score[key] is not None]
    total = sum(score[objects] for score in known)
    return sum(score[key] * score[objects] for score in known) / total if total else 0


def pooled(scores, objects="true_objects", summed=()):
    """Means (every other number) weighted by the objects they are of, under the key `objects`; keys in `summed` are added up."""
    total = sum(score[objects] for score in scores)
    sums = {key: sum(score.get(key, 0) for score in scores) for key in summed}
    averaged = [key for key in scores[0] if key not in summed and key != objects and key != "per_class"]
    return {objects: total, **sums, **{key: mean(scores, key, objects) for key in averaged}}


def pooled_with_classes(scores, objects="true_objects", summed=()):
    names = sorted({name for score in scores for name in score["per_class"]})
    classes = {name: pooled([score["per_class"][name] for score in scores if name in score["per_class"]], objects)
               for name in names}
    return {**pooled(scores, objects, summed), "per_class": classes}
