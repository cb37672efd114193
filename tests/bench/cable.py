"""
cable.py DEVICE: when did packets come in, and how many?  Says so at SIGTERM.

Now and then it sends a frame that is for nobody: masscan 1.3.2 does not end where nothing comes in.
"""

import signal
import socket
import sys
import time

EVERY = 0.002
CHATTER = bytes.fromhex("ffffffffffff" "0200000000fe" "88b5") + bytes(46)  # an EtherType for experiments


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    first = last = 0.0
    rounds = 0
    cable = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    cable.bind((sys.argv[1], 0))
    with open(f"/sys/class/net/{sys.argv[1]}/statistics/rx_packets", encoding="ascii") as f:
        before = seen = int(f.read())
        print("ready", flush=True)
        try:
            while True:
                time.sleep(EVERY)
                f.seek(0)
                now = int(f.read())
                if now != seen:
                    last = time.monotonic()
                    first = first or last
                seen = now
                rounds += 1
                if rounds % 50 == 0:
                    cable.send(CHATTER)
        finally:
            print(f"probes={seen - before}\nseconds={last - first:.6f}")


if __name__ == "__main__":
    main()
