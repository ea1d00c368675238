"""Turn a folder into a BagIt bag: `python -m pipeline.deliver.bagging FOLDER`, the bag-info as JSON on standard input.

A process of its own, because bagit changes the working directory of the process it runs in.
"""

from __future__ import annotations

import json
import sys

import bagit

if __name__ == "__main__":
    bagit.make_bag(sys.argv[1], json.load(sys.stdin), processes=1, checksums=["sha256"])
