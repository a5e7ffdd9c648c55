// `make bench`: one table, bench/latest.json, exit 1 where a limit is missed. Ratios are taken in one run, side by side.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../gateway-process.ts'
import { measureAccepting } from './accepting.ts'
import { measureConsole } from './console.ts'
import { isMissed, type Measured, table } from './limits.ts'
import { measureLive } from './live.ts'
import { measureRsaBlocks } from './rsa-blocks.ts'
import { measureSending } from './sending.ts'
import { measureStart } from './start.ts'
import { measureStock } from './stock.ts'
import { measureVintage } from './vintage.ts'
import { measureWriting } from './writing.ts'

const wanted = process.argv.slice(2)
const suites: Readonly<Record<string, (folder: string) => Promise<readonly Measured[]>>> = {
  start: measureStart,
  sending: measureSending,
  writing: measureWriting,
  accepting: measureAccepting,
  live: measureLive,
  vintage: measureVintage,
  rsa: measureRsaBlocks,
  stock: measureStock,
  console: measureConsole,
}

const rows: Measured[] = []
for (const [name, measure] of Object.entries(suites)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.error(`measuring ${name} …`)
  using folder = temporaryFolder()
  const path = join(folder.path, name)
  mkdirSync(path)
  rows.push(...(await measure(path)))
}
mkdirSync('bench', { recursive: true })
writeFileSync('bench/latest.json', `${JSON.stringify({ at: new Date().toISOString(), rows }, null, 2)}\n`)
console.log(table(rows))
process.exitCode = rows.some(isMissed) ? 1 : 0
