// A page loads the words that it says and no others: found by following what its files import, as the bundler does.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { build } from 'esbuild'
import { loadWords, type Theme, themes } from '../../web-ui/words/languages.ts'

const { inputs } = (
  await build({
    entryPoints: ['web-ui/main.tsx'],
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: 'build/unwritten',
    write: false,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    metafile: true,
    logLevel: 'silent',
  })
).metafile

/** Every file of the pages that is there as soon as this one is. */
function withImports(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file) || !/^web-ui\/(?!words\/)/.test(file)) return found
  found.add(file)
  for (const { kind, path } of inputs[file]?.imports ?? [])
    if (kind === 'import-statement') withImports(path, found)
  return found
}

const keys = new Map<Theme, readonly string[]>(
  await Promise.all(
    themes.map(async (theme) => [theme, Object.keys(await loadWords('en', [theme]))] as const),
  ),
)

/** Keys that stand in a file whole, or whose beginning does: `state.${code}`. */
function saidIn(file: string): readonly Theme[] {
  const text = readFileSync(file, 'utf8')
  const whole = new Set([...text.matchAll(/['"]([\w-]+\.[\w.-]+)['"]/g)].map(([, key = '']) => key))
  const begun = [...text.matchAll(/`([a-z][\w.-]*[.-])\$\{/g)].map(([, beginning = '']) => beginning)
  return themes.filter((theme) =>
    keys.get(theme)?.some((key) => whole.has(key) || begun.some((beginning) => key.startsWith(beginning))),
  )
}

const frame = withImports('web-ui/main.tsx')
const ofFrame: ReadonlySet<Theme> = new Set(['answers', 'common', 'parts'])
/** `page(['home', 'verdicts'], async () => (await import('./home.tsx')).Home)`, on one line or on several. */
const pages = [
  ...readFileSync('web-ui/pages/pages.ts', 'utf8').matchAll(/page\(\[([^\]]*)\][^']*'\.\/([\w-]+\.tsx)'/g),
].map(([, declared = '', file = '']) => ({
  file,
  declared: [...declared.matchAll(/'([\w-]+)'/g)].map(([, theme = '']) => theme).sort(),
}))

describe('the words that are loaded', () => {
  it('with the frame are those of the frame', () => {
    const said = new Set([...frame].filter((file) => !file.endsWith('/pages.ts')).flatMap(saidIn))
    assert.deepEqual(
      [...said].filter((theme) => !ofFrame.has(theme)),
      [],
    )
  })

  it(`with each page are those of the page`, () => {
    assert.ok(pages.length > 20, `only ${pages.length} pages were found`)
    for (const { file, declared } of pages) {
      const own = [...withImports(`web-ui/pages/${file}`)].filter((part) => !frame.has(part))
      const said = [...new Set(own.flatMap(saidIn))].filter((theme) => !ofFrame.has(theme)).sort()
      assert.deepEqual(declared, said, file)
    }
  })
})
