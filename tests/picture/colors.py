#!/usr/bin/env python3
"""How many pixels of a PNG have each of some colours. usage: colors.py FILE RRGGBB..."""
import struct
import sys
import zlib


def rows(data):
    """Each row's bytes, and how many make a pixel. Only what a browser writes: 8 bits, RGB or RGBA, not interlaced."""
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            width, _, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", data[at + 8:at + 21])
            assert depth == 8 and color in (2, 6) and not interlaced
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += 12 + size
    pixel = 3 if color == 2 else 4
    raw, stride = zlib.decompress(packed), width * pixel
    before = bytearray(stride)
    for start in range(0, len(raw), stride + 1):
        row = bytearray(raw[start + 1:start + 1 + stride])
        for i in range(stride):
            left, up, corner = (row[i - pixel], before[i], before[i - pixel]) if i >= pixel else (0, before[i], 0)
            if raw[start] == 1:
                row[i] = row[i] + left & 255
            elif raw[start] == 2:
                row[i] = row[i] + up & 255
            elif raw[start] == 3:
                row[i] = row[i] + (left + up) // 2 & 255
            elif raw[start] == 4:
                guess = left + up - corner
                row[i] = row[i] + min((left, up, corner), key=lambda v: abs(guess - v)) & 255
        yield row, pixel
        before = row


def main(name, wanted):
    counts = {bytes.fromhex(color): 0 for color in wanted}
    for row, pixel in rows(open(name, "rb").read()):
        for i in range(0, len(row), pixel):
            color = bytes(row[i:i + 3])
            if color in counts:
                counts[color] += 1
    print(*counts.values())


main(sys.argv[1], sys.argv[2:])
