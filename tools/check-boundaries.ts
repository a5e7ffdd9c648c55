// Holds every import against the table of rooms, and the check against itself: it must have seen every module, and must
// find the wrong import that it plants.
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

interface Cruise {
  readonly summary: {
    readonly violations: readonly {
      readonly from: string
      readonly to: string
      readonly rule: { readonly name: string }
    }[]
  }
  readonly modules: readonly { readonly source: string }[]
}

const found = cruise(process.cwd())
const sources = globSync(['src/**/*.ts', 'appliance/**/*.ts', 'web-ui/**/*.{ts,tsx}'], {
  exclude: ['**/*.d.ts'],
}).length
const seen = found.modules.filter(({ source }) => /^(?:src|appliance|web-ui)\/.*\.tsx?$/.test(source)).length
if (seen < sources) fail(`the check saw ${seen} of ${sources} modules: it proves nothing`)
for (const violation of found.summary.violations) {
  fail(`${violation.rule.name}: ${violation.from} must not import ${violation.to}`)
}

const plants: readonly { readonly file: string; readonly text: string; readonly rule: string }[] = [
  { file: 'src/submission/planted.ts', text: "import '../upstream/drivers.ts'\n", rule: 'submission' },
  { file: 'src/core/planted.ts', text: "import 'node:fs'\n", rule: 'core-is-pure' },
  { file: 'src/delivery/planted.ts', text: "import 'better-sqlite3'\n", rule: 'package-better-sqlite3' },
  { file: 'appliance/planted.ts', text: "import '../src/gateway.ts'\n", rule: 'appliance' },
  { file: 'web-ui/planted.ts', text: "import '../src/console/api.ts'\n", rule: 'web-ui' },
]
const copy = mkdtempSync(join(tmpdir(), 'inkpost-boundaries-'))
try {
  for (const folder of ['src', 'appliance', 'web-ui']) cpSync(folder, join(copy, folder), { recursive: true })
  for (const file of ['package.json', 'tsconfig.json', '.dependency-cruiser.mjs'])
    cpSync(file, join(copy, file))
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'))
  for (const plant of plants) writeFileSync(join(copy, plant.file), plant.text)
  const violations = cruise(copy).summary.violations
  for (const plant of plants) {
    const caught = violations.some((v) => v.from === plant.file && v.rule.name === plant.rule)
    if (!caught) fail(`planted ${plant.file} (${plant.text.trim()}) was not caught by rule ${plant.rule}`)
  }
} finally {
  rmSync(copy, { recursive: true })
}
if (process.exitCode === undefined) {
  console.log(
    `boundaries: ${seen} modules keep to their rooms; ${plants.length} planted violations were caught`,
  )
}

function cruise(folder: string): Cruise {
  const run = spawnSync(
    process.execPath,
    [
      resolve('node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
      'src',
      'appliance',
      'web-ui',
      '--config',
      '--output-type',
      'json',
    ],
    { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  if (!run.stdout) throw new Error(`dependency-cruiser printed nothing: ${run.stderr}`)
  return JSON.parse(run.stdout) as Cruise
}

function fail(sentence: string): void {
  console.error(`boundaries: ${sentence}`)
  process.exitCode = 1
}
