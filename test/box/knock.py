# Knocks at ports of ADDRESS and waits for no answer: `knock.py tcp ADDRESS FIRST LAST`, `knock.py udp ADDRESS PORT …`.
import errno
import socket
import sys

kind, address, *ports = sys.argv[1:]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
if kind == "tcp":
    for port in range(int(ports[0]), int(ports[1]) + 1):
        with socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as knocking:
            # Closed at once without a wait, so that no second SYN follows.
            knocking.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            said = knocking.connect_ex((address, port))
            if said not in (0, errno.EINPROGRESS, errno.ECONNREFUSED):
                raise OSError(said, f"port {port}")
else:
    with socket.socket(family, socket.SOCK_DGRAM) as knocking:
        for port in ports:
            try:
                knocking.sendto(b"knock", (address, int(port)))
            except ConnectionRefusedError:
                knocking.sendto(b"knock", (address, int(port)))
