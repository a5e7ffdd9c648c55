// The state of the slots as U-Boot keeps it: a checksum and NUL-terminated lines, padded (its own tools write the same).
import { crc32 } from 'node:zlib'

const octets = 0x1000

export function stateFile(lines: Readonly<Record<string, string>>): Buffer {
  const file = Buffer.alloc(octets)
  file.write(
    `${Object.entries(lines)
      .map(([key, value]) => `${key}=${value}\0`)
      .join('')}\0`,
    4,
    'latin1',
  )
  file.writeUInt32LE(crc32(file.subarray(4)), 0)
  return file
}

/** Undefined where the checksum does not hold. */
export function readState(file: Buffer): Readonly<Record<string, string>> | undefined {
  if (file.length !== octets || crc32(file.subarray(4)) !== file.readUInt32LE(0)) return undefined
  const lines = file
    .subarray(4)
    .toString('latin1')
    .split('\0')
    .filter((line) => line.includes('='))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}
