const afUnix = 1
const sockDgram = 2
const closeOnExec = 0o2000000
const noSignal = 0x4000
/** `struct sockaddr_un`: the family and `sun_path`. */
const longestAddress = 2 + 108

/**
 * Sends one datagram to a Unix socket from this very process (unix(7)): systemd believes only the process that it
 * started. Node has no such sockets, so libc is called. False where nobody listens, or Node runs without FFI.
 */
export function sendUnixDatagram(path: string, text: string): boolean {
  const ffi = loadFfi()
  const address = addressOf(path)
  if (ffi === undefined || address.length > longestAddress) return false
  using libc = openLibc(ffi)
  const { socket, sendto, close } = libc.functions
  const descriptor = socket(afUnix, sockDgram | closeOnExec, 0)
  if (descriptor < 0) return false
  const octets = Buffer.from(text)
  const sent = sendto(descriptor, octets, BigInt(octets.length), noSignal, address, address.length)
  close(descriptor)
  return sent === BigInt(octets.length)
}

/** There under a flag of Node alone. */
const loadFfi = () => process.getBuiltinModule('node:ffi')

const openLibc = (ffi: NonNullable<ReturnType<typeof loadFfi>>) =>
  ffi.dlopen(null, {
    socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
    sendto: { arguments: ['i32', 'buffer', 'u64', 'i32', 'buffer', 'u32'], return: 'i64' },
    close: { arguments: ['i32'], return: 'i32' },
  })

/** `struct sockaddr_un`; a name that begins with `@` is an abstract one, as in sd_notify(3). */
function addressOf(path: string): Buffer {
  const name = Buffer.from(path.startsWith('@') ? `\0${path.slice(1)}` : `${path}\0`)
  const family = Buffer.alloc(2)
  // Little-endian as both machines that this runs on.
  family.writeUInt16LE(afUnix)
  return Buffer.concat([family, name])
}
