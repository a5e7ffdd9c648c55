import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../appliance/package/run.ts'
import type { Check } from '../../test/package/checks.ts'

/** What a part of `make image-test` found; a part that was not asked for keeps what it found before. */
export interface PartResult {
  readonly commit: string
  readonly day: string
  readonly minutes: number
  readonly checks: readonly Check[]
  /** What was measured, each a sentence. */
  readonly facts: readonly string[]
}

const folder = 'build/cache/image-results'
const fileOf = (part: string): string => join(folder, `${part}.json`)

export function keepResult(part: string, result: PartResult): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileOf(part), JSON.stringify(result))
}

/** The page of every part that has a result. */
export function report(parts: readonly string[]): string {
  const results = parts
    .filter((part) => existsSync(fileOf(part)))
    .map((part) => ({ part, ...(JSON.parse(readFileSync(fileOf(part), 'utf8')) as PartResult) }))
  return `# The image in machines

Written by \`make image-test\` (${run('qemu-system-aarch64', ['--version']).split('\n')[0]}), with emulated processors: its times are many times those of a Pi.

| part | on | image of | took |
| --- | --- | --- | --- |
${results.map(({ part, day, commit, minutes }) => `| ${part} | ${day} | ${commit} | ${minutes} min |`).join('\n')}
${results.map(sectionOf).join('')}`
}

const sectionOf = ({ part, checks, facts }: PartResult & { readonly part: string }): string => `
## ${part}
${facts.map((fact) => `- ${fact}\n`).join('')}
| what | result |
| --- | --- |
${checks.map(rowOf).join('\n')}
`

function rowOf({ name, passed, detail }: Check): string {
  const found = detail.replaceAll('|', '\\|').replaceAll('\n', ' ').slice(0, 300)
  return `| ${name} | ${passed ? 'ok' : `**not ok**: ${found}`} |`
}
