// Bundles the gateway: separate small entries for the spool's threads (a second copy of everything costs 20 MB), the
// Azure SDK and the certificate library as chunks that are loaded when they are first needed.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { buildWebUi } from './build-web-ui.ts'
import { noticesOf, packagesIn } from './notices.ts'

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

/** Where it goes: the checkout's own build, or the folder that is named (the Debian package's). */
const folder = process.argv[2] ?? 'build'
mkdirSync(folder, { recursive: true })
for (const name of readdirSync(folder).filter((name) => !isKept(name)))
  rmSync(join(folder, name), { recursive: true, force: true })
const common: BuildOptions = {
  outdir: folder,
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
  // Who asks for the browser's FormData loads undici (decision 7); the Azure SDK asks it of every request.
  define: { FormData: 'undefined', INKPOST_BUILD: JSON.stringify({ version, date: date.getTime() }) },
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
    'inkpost-screen': 'appliance/screen/main.ts',
  },
})

const pages = await buildWebUi(join(folder, 'web-ui'))

const packages = packagesIn([
  ...[gateway, threads].flatMap(({ metafile }) => Object.keys(metafile?.inputs ?? {})),
  ...pages,
])
writeFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), noticesOf(packages))
writeFileSync(join(folder, 'packages.json'), `${JSON.stringify(packages, null, 2)}\n`)

/** What is fetched once, packages, images and their tests outlive a build: they took minutes, and cards trust the keys. */
function isKept(name: string): boolean {
  const folders = ['cache', 'package', 'image', 'image-test', 'update-keys']
  return (
    folders.includes(name) ||
    /\.(?:deb|img|img\.zst|raucb|cdx\.json)$/.test(name) ||
    name === 'inkpost-latest.json'
  )
}
