import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../appliance/package/run.ts'
import type { Check } from './checks.ts'

/** What a part of `make deb-test` found; a part that was not asked for keeps what it found before. */
export interface PartResult {
  readonly commit: string
  /** The commit whose packages were upgraded from. */
  readonly previous: string
  readonly day: string
  readonly minutes: number
  readonly checks: readonly Check[]
  /** What a machine told of itself. */
  readonly facts: readonly string[]
}

export const parts = ['identical', 'amd64', 'arm64', 'booted', 'box'] as const
export type Part = (typeof parts)[number]
export const isBooted = (part: Part): boolean => part === 'booted' || part === 'box'

const folder = 'build/cache/results'
const fileOf = (part: Part): string => join(folder, `${part}.json`)

export function keepResult(part: Part, result: PartResult): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileOf(part), JSON.stringify(result))
}

/** What somebody may look for here; who changes a part says it here, too. */
const notShown = `Not shown on a machine of this page:

- A machine for arm64 with a running systemd: the image is one ([image-test.md](image-test.md)).
- A card that turns read-only, a data partition that is not there, a data partition that is encrypted, an address that devices were told and that the lease takes away, a box replaced by a backup or by the old card: \`make test\` shows them with real file systems, processes and networks, on no machine that boots.
- The menu at the screen: the emulated keyboard types nothing. \`make test\` opens it on a terminal.
- The lamp of a Pi: a keyboard's is in its place.
- Radio waves, and the channels of a country: both radios are the kernel's own, in one memory. A switch that keeps a port closed before 802.1X: the one here lets everybody through, and says whom it would let in.
- Heat, under-voltage, a monitor, a real stick, the wear of a card: [hardware-checklist.md](hardware-checklist.md).`

/** The page of every part that has a result. */
export function report(): string {
  const results = parts
    .filter((part) => existsSync(fileOf(part)))
    .map((part) => ({ part, ...(JSON.parse(readFileSync(fileOf(part), 'utf8')) as PartResult) }))
  const runs = results.map(
    ({ part, commit, previous, day, minutes }) =>
      `| ${part} | ${day} | ${commit} | ${previous} | ${minutes} min |`,
  )
  return `# The package on machines

Written by \`make deb-test\` (${run('qemu-system-x86_64', ['--version']).split('\n')[0]}). amd64 and arm64 (by qemu-user) are Debian trixie without a running systemd; the booted machines are amd64 with 2 emulated processors: one of 512 MB without a network, and a box with a LAN, two radios and three sticks (768 MB: whoever is in its LAN lives in it, too).

${notShown}

| part | on | package of | upgraded from | took |
| --- | --- | --- | --- | --- |
${runs.join('\n')}

${results.flatMap(({ facts }) => facts.map((fact) => `- ${fact}`)).join('\n')}

| machine | what | result |
| --- | --- | --- |
${results.flatMap(({ checks }) => checks.map(rowOf)).join('\n')}
`
}

function rowOf({ place, name, passed, detail }: Check): string {
  const found = detail.replaceAll('|', '\\|').replaceAll('\n', ' ').slice(0, 300)
  return `| ${place} | ${name} | ${passed ? 'ok' : `**not ok**: ${found}`} |`
}
