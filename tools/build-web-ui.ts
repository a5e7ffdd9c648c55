// Builds the console's pages into a folder: scripts and styles under names that change with their content, one file a
// page and a language, each also compressed as browsers take it.
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'

/** The files that went into the pages, for the notices of their licences. */
export async function buildWebUi(folder: string): Promise<readonly string[]> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const { metafile } = await build({
    entryPoints: { app: 'web-ui/main.tsx' },
    outdir: `${folder}/assets`,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    // Phones of 2022 and later: light-dark() of 2024 is the newest thing that the styles need.
    target: ['chrome111', 'firefox115', 'safari16.4'],
    minify: true,
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    metafile: true,
    logLevel: 'warning',
  })
  writeFileSync(`${folder}/index.html`, page(folder, metafile.outputs))
  for (const file of globSync(`${folder}/**/*.*`)) compress(file)
  return Object.keys(metafile.inputs)
}

const addressOf = (folder: string, file: string): string => file.replace(folder, '')

/** What the script begins with is asked for beside it: a round trip less over bad Wi-Fi. */
const preloads = (folder: string, outputs: Metafile['outputs'], script: string): readonly string[] =>
  (outputs[`${folder}${script}`]?.imports ?? [])
    .filter(({ kind }) => kind === 'import-statement')
    .map(({ path }) => `<link rel="modulepreload" href="${addressOf(folder, path)}">`)

function page(folder: string, outputs: Metafile['outputs']): string {
  const names = Object.keys(outputs).map((file) => addressOf(folder, file))
  const script = names.find((name) => /\/app-[^/]+\.js$/.test(name))
  const style = names.find((name) => /\/app-[^/]+\.css$/.test(name))
  return readFileSync(join('web-ui', 'index.html'), 'utf8')
    .replace(
      '<!-- styles -->',
      [`<link rel="stylesheet" href="${style}">`, ...preloads(folder, outputs, script ?? '')].join('\n'),
    )
    .replace('<!-- scripts -->', `<script type="module" src="${script}"></script>`)
}

function compress(file: string): void {
  const octets = readFileSync(file)
  writeFileSync(`${file}.br`, brotliCompressSync(octets))
  writeFileSync(`${file}.gz`, gzipSync(octets, { level: 9 }))
}
