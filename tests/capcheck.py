#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check a capture file against core/FORMAT.md, independently of any C code.

usage: capcheck.py FILE[.gz]...        one line a file, in the columns of data/manifest.tsv
       capcheck.py --fixtures DIR      check every file of a fixtures folder against its manifest
       capcheck.py --dump FILE [N..M]  the records, each as 'number length hex'

Reads every block once, in file order, and rebuilds the index from the records, so
that a file passes only when each index node stands where the format puts it.
Exit status: 0 every file is as it should be, 1 one is not, 2 usage.
"""
import gzip, os, struct, sys, zlib


class Bad(Exception):
    """A file that does not follow the format; the text says how."""


def need(ok, kind, why):
    if not ok:
        raise Bad(kind, why)


class Capture:
    def __init__(self, raw):
        self.raw = raw
        need(len(raw) >= 27, "not-a-capture-file", "shorter than a header")
        need(raw[:11] in (b"MioCapture\0", b"WebCapture\0"), "not-a-capture-file", "header bytes")
        version, self.page, self.block, self.fan = struct.unpack_from(">4I", raw, 11)
        need(version <= 2, "unsupported-version", f"version {version}")
        need(64 <= self.page <= 1 << 20, "corrupt", f"page size {self.page}")
        need(self.block and self.block % self.page == 0 and self.block <= 1 << 30, "corrupt", f"block size {self.block}")
        need(2 <= self.fan <= 1 << 16, "corrupt", f"fan-out {self.fan}")
        self.node_size = 2 * self.page + self.block
        self.data_start = self.page + 2 * self.node_size
        nodes = [self.master(self.page + k * self.node_size) for k in (0, 1)]
        need(any(nodes), "corrupt", "both master nodes fail their checksum")
        if all(nodes):
            ahead = (nodes[0]["serial"] - nodes[1]["serial"]) & 0xFFFFFFFF
            need(ahead != 0, "corrupt", "both master nodes have one serial number")
            self.top = nodes[0] if ahead < 1 << 31 else nodes[1]
        else:
            self.top = nodes[0] or nodes[1]
        self.cache = {}

    def master(self, at):
        body = self.raw[at + 4:at + self.node_size]
        if len(body) < self.node_size - 4 or struct.unpack_from(">I", self.raw, at)[0] != zlib.crc32(body):
            return None
        serial, limit, used, mpos, moff, count = struct.unpack_from(">IQIQII", body, 0)
        levels, at = [], 32
        need(used <= self.block and 36 + 13 * count <= self.page, "corrupt", "master node lengths")
        for _ in range(count):
            height, pos, off = struct.unpack_from(">BQI", body, at)
            at += 13
            need(height >= max(len(levels), 1), "corrupt", "heights out of order")
            levels += [[] for _ in range(height - len(levels))]
            levels[height - 1].append((pos, off))
            need(len(levels[height - 1]) < self.fan, "corrupt", "a full node in the rightmost path")
        return dict(serial=serial, limit=limit, meta=(mpos, moff), levels=levels,
                    tail=body[self.page - 4:2 * self.page - 4], block=body[2 * self.page - 4:2 * self.page - 4 + used])

    def bytes_at(self, pos, n):
        """Committed bytes: whole pages come from the file, the last partial page from the master node."""
        limit = self.top["limit"]
        need(self.data_start <= pos and pos + n <= limit, "corrupt", f"{n} bytes at {pos}: outside the committed data")
        whole = limit // self.page * self.page
        a = self.raw[pos:min(pos + n, whole)] if pos < whole else b""
        b = self.top["tail"][max(pos, whole) - whole:pos + n - whole] if pos + n > whole else b""
        need(len(a) + len(b) == n, "corrupt", "the file is shorter than its file limit")
        return a + b

    def block_at(self, pos):
        if pos == self.top["limit"]:
            return self.top["block"]
        if pos not in self.cache:
            if len(self.cache) > 64:
                self.cache.clear()
            n = struct.unpack(">I", self.bytes_at(pos, 4))[0]
            self.cache[pos] = zlib.decompress(self.bytes_at(pos + 4, n))
        return self.cache[pos]

    def sized(self, coordinates):
        pos, off = coordinates
        block = self.block_at(pos)
        need(off + 4 <= len(block), "corrupt", f"offset {off} past its block")
        n = struct.unpack_from(">I", block, off)[0]
        need(off + 4 + n <= len(block), "corrupt", f"a record of {n} bytes past its block")
        return block[off + 4:off + 4 + n]

    def count(self):
        return sum(len(level) * self.fan ** i for i, level in enumerate(self.top["levels"]))

    def children(self, coordinates):
        pos, off = coordinates
        block = self.block_at(pos)
        need(off + 12 * self.fan <= len(block), "corrupt", "an index node past its block")
        return [struct.unpack_from(">QI", block, off + 12 * i) for i in range(self.fan)]

    def locate(self, number):
        """The coordinates of a record, by its number from 1."""
        levels, n = self.top["levels"], number - 1
        for height in range(len(levels), 0, -1):
            digit = n // self.fan ** (height - 1)
            n -= digit * self.fan ** (height - 1)
            if digit < len(levels[height - 1]):
                node = levels[height - 1][digit]
                for below in range(height - 2, -1, -1):
                    node = self.children(node)[n // self.fan ** below]
                    n %= self.fan ** below
                return node
            need(digit == len(levels[height - 1]), "corrupt", "index path")
        raise Bad("corrupt", "index path")

    def record(self, number):
        return self.sized(self.locate(number))

    def metadata(self):
        return None if self.top["meta"] == (0, 0) else self.sized(self.top["meta"])

    def walk(self):
        """Yield every record in file order, having checked that records, index nodes and blocks leave no gap."""
        levels, number, total = [], 1, self.count()
        pos, limit, expected = self.data_start, self.top["limit"], []
        while True:
            block, off = self.block_at(pos), 0
            while off < len(block):
                if expected:                                # a node filled up: its children come next
                    node = b"".join(struct.pack(">QI", *c) for c in expected)
                    need(block[off:off + len(node)] == node, "corrupt", f"index node at {pos}+{off}")
                    here, height, expected = (pos, off), levels_full + 1, []
                    off += len(node)
                elif number <= total and (pos, off) == self.locate(number):
                    data = self.sized((pos, off))
                    yield data
                    here, height = (pos, off), 1
                    off += 4 + len(data)
                    number += 1
                else:                                       # metadata, current or replaced
                    off += 4 + len(self.sized((pos, off)))
                    continue
                levels += [[] for _ in range(height - len(levels))]
                levels[height - 1].append(here)
                if len(levels[height - 1]) == self.fan:
                    expected, levels_full = levels[height - 1], height
                    levels[height - 1] = []
            need(off == len(block), "corrupt", "a block ends inside an item")
            if pos == limit:
                break
            pos += 4 + struct.unpack(">I", self.bytes_at(pos, 4))[0]
            need(pos <= limit, "corrupt", "blocks run past the file limit")
        need(not expected and number == total + 1, "corrupt", f"{number - 1} records found, the index counts {total}")
        while levels and not levels[-1]:
            levels.pop()
        need(levels == self.top["levels"], "corrupt", "the rightmost path is not that of the records")


def load(path):
    with open(path, "rb") as f:
        raw = f.read()
    return gzip.decompress(raw) if path.endswith(".gz") else raw


def describe(raw):
    """The manifest's columns for one file, as text."""
    try:
        c = Capture(raw)
        crc = 0
        for r in c.walk():
            crc = zlib.crc32(r, zlib.crc32(struct.pack(">I", len(r)), crc))
        m = c.metadata()
        meta = "none" if m is None else "%d:%08x" % (len(m), zlib.crc32(m))
        return ["ok", c.count(), "%08x" % crc, meta, c.page, c.block, c.fan, c.top["serial"], len(c.top["levels"])], ""
    except (Bad, zlib.error, struct.error) as e:
        kind, why = e.args if isinstance(e, Bad) else ("corrupt", str(e))
        return [kind] + ["-"] * 8, why


def main(argv):
    if len(argv) >= 2 and argv[0] == "--dump":
        c = Capture(load(argv[1]))
        first, last = (int(x) for x in argv[2].split("..")) if len(argv) > 2 else (1, c.count())
        for n in range(first, last + 1):
            r = c.record(n)
            print(n, len(r), r.hex() or "-")
        return 0
    if len(argv) == 2 and argv[0] == "--fixtures":
        bad, lines = 0, open(os.path.join(argv[1], "manifest.tsv")).read().splitlines()[1:]
        for line in lines:
            want = line.split("\t")
            got, why = describe(load(os.path.join(argv[1], want[0] + ".capture.gz")))
            if list(map(str, got)) != want[1:10]:
                bad += 1
                print(want[0], "expected", want[1:10], "got", got, why)
        print(f"{len(lines) - bad} passed, {bad} failed")
        return bad > 0
    if not argv or argv[0].startswith("-"):
        print(__doc__)
        return 2
    bad = 0
    for path in argv:
        got, why = describe(load(path))
        bad |= got[0] != "ok"
        print("\t".join([os.path.basename(path)] + list(map(str, got)) + [why]))
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
