import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { textAnswer } from './answers.ts'
import { type Answer, type Asked, type Route, route } from './router.ts'

const types: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['svg', 'image/svg+xml'],
  ['png', 'image/png'],
  ['webmanifest', 'application/manifest+json'],
])

/** By preference. */
const codings = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const

/**
 * The pages that `tools/build-web-ui.ts` made, each also compressed. Read when they are asked for, not held: a box of
 * 512 MB shows them seldom. The name of a script changes with its content, so that a browser asks for it once.
 */
export function pageFiles(folder: string): {
  readonly index: (asked: Asked) => Promise<Answer>
  readonly routes: readonly Route[]
} {
  return {
    index: (asked) => serve(asked, join(folder, 'index.html'), 'html', 'no-cache'),
    routes: [
      route('GET', '/assets/:file', 'everybody', (asked) => {
        const file = asked.parameter('file')
        const ending = /^[\w-]+\.(?:[\w-]+\.)?([a-z]+)$/.exec(file)?.[1] ?? ''
        if (!types.has(ending)) return textAnswer('There is nothing here.\n', 404)
        return serve(asked, join(folder, 'assets', file), ending, 'public, max-age=31536000, immutable')
      }),
    ],
  }
}

async function serve(asked: Asked, file: string, ending: string, caching: string): Promise<Answer> {
  const accepted = String(asked.headers['accept-encoding'] ?? '')
  const coding = codings.find(({ name }) => isAccepted(accepted, name))
  const found = await readOne(file, coding?.ending ?? '')
  if (found === undefined) return textAnswer('There is nothing here.\n', 404)
  return {
    status: 200,
    headers: {
      'content-type': types.get(ending) ?? 'application/octet-stream',
      'cache-control': caching,
      vary: 'accept-encoding',
      ...(coding && { 'content-encoding': coding.name }),
    },
    body: found,
  }
}

/** RFC 9110 section 12.5.3: by name, and not with a weight of zero. */
const isAccepted = (accepted: string, name: string): boolean =>
  accepted
    .toLowerCase()
    .split(',')
    .map((each) => each.split(';').map((part) => part.trim()))
    .some(([coding, weight]) => coding === name && !/^q=0(?:\.0*)?$/.test(weight ?? ''))

async function readOne(file: string, ending: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(`${file}${ending}`)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
