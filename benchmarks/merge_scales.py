#!/usr/bin/env python3
"""Merges drawn scenes of several sizes and prints what that takes, as rows for docs/performance.md.

    benchmarks/merge_scales.py LANDSEAM MAKE_TILE_MASKS FOLDER [SIDE ...]

A side is the scene's width and height in pixels (10000, 30000, 100000 by default). Tile masks are drawn where FOLDER does
not have them yet; layers are written to FOLDER and removed, unless KEEP_LAYERS is set.
"""
import os
import re
import subprocess
import sys
import time


def run(command):
    """Wall seconds, processor seconds, peak bytes and standard output of a command."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, output


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    landseam, make_tile_masks, folder = sys.argv[1:4]
    print("| scene | tiles | masks | objects | wall s | processor s | Mpx a second (wall) | Mpx a processor second | "
          "peak memory | layer |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for side in map(int, sys.argv[4:] or ["10000", "30000", "100000"]):
        tiles, layer = f"{folder}/tiles_{side}.jsonl", f"{folder}/merged_{side}.gpkg"
        if not os.path.exists(tiles):
            subprocess.run([make_tile_masks, str(side), tiles], check=True, stdout=subprocess.DEVNULL)
        wall, processor, peak, output = run([landseam, "merge", tiles, layer, "--overwrite", "--quiet"])
        segments, masks, count = re.search(r"(\d+) segments from (\d+) masks on (\d+) tiles", output).groups()
        megapixels = side * side / 1e6
        print(f"| {side:,}² | {int(count):,} | {int(masks):,} | {int(segments):,} | {wall:.0f} | {processor:.0f} | "
              f"{megapixels / wall:.0f} | {megapixels / processor:.0f} | {peak / 2**20:.0f} MiB | "
              f"{os.path.getsize(layer) / 2**20:.0f} MiB |", flush=True)
        if "KEEP_LAYERS" not in os.environ:
            os.remove(layer)


if __name__ == "__main__":
    main()
