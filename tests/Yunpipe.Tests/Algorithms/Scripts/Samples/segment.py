#!/usr/bin/env python3
"""Finds cells; parser.add_argument("--never") in a text is none."""
import argparse
from pathlib import Path

THRESHOLD = 0.5


def main():
    parser = argparse.ArgumentParser(
        description="""Finds cells
        in an image.""",
    )
    parser.add_argument("image", type=Path, help="The image")  # parser.add_argument("--commented")
    parser.add_argument('-o', '--output', default='labels.png', help='Where labels go')
    parser.add_argument(
        "-s", "--sigma",
        type=float,
        default=1.50,
        metavar="PX",
        help="Smoothing, in "
             "pixels (default: %(default)s, 100%% safe)",
    )
    parser.add_argument("--method", choices=["otsu", 'local'], default="otsu")
    parser.add_argument("--size", type=int, nargs=2, default=(512, 256))
    parser.add_argument("--names", nargs="+", help=r"Raw \d text")
    parser.add_argument("--tag", action="append", default=[])
    parser.add_argument("--level", type=int, choices=range(3))
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    parser.add_argument("--offset", type=int, default=-3)
    parser.add_argument("--model", type=argparse.FileType("rb"), required=True)
    parser.add_argument("-v", "--verbose", action="count")
    parser.add_argument("--version", action="version", version="1.0")
    parser.add_argument("--name-of" + "-it")
    parser.add_argument(f"--{THRESHOLD}")
    parser.add_argument("--max-cells", dest="cpu", type=int, help=f"computed {THRESHOLD}")
    advanced = parser.add_argument_group("advanced")
    advanced.add_argument("--no-cache", dest="cache", action="store_false")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--fast", action="store_true")
    which.add_argument("--exact", action="store_true", help='''Slow,
        but exact''')
    parser.add_argument("extra", nargs="?", default=None)
    commands = parser.add_subparsers(dest="command")
    args = parser.parse_args()


if __name__ == "__main__":
    main()
