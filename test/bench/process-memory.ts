// What the kernel says of a process's memory (proc(5), status), in MB of 10^6 octets.
import { readFileSync } from 'node:fs'

const field = (pid: number, name: string): number => {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round((Number(kib) * 1024) / 1e5) / 10
}

export const residentMb = (pid: number): number => field(pid, 'VmRSS')
export const peakResidentMb = (pid: number): number => field(pid, 'VmHWM')
