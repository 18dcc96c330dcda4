#!/usr/bin/env python3
"""Ask a broker for its API versions, as Kafka's own command does: ``--bootstrap-server HOST:PORT``."""

import socket
import struct
import sys

host, port = sys.argv[sys.argv.index("--bootstrap-server") + 1].rsplit(":", 1)
body = struct.pack(">hhih", 18, 0, 1, -1)
with socket.create_connection((host, int(port)), timeout=5) as link:
    link.sendall(struct.pack(">i", len(body)) + body)
    sys.exit(0 if len(link.recv(4)) == 4 else 1)
