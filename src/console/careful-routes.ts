import { errorAnswer } from './answers.ts'
import type { Repeats } from './repeats.ts'
import { largestBody, readText, usualBody } from './request-fields.ts'
import type { Answer, Route, Routed } from './router.ts'

export interface CarefulWorld {
  readonly repeats: Repeats
  /** Of the settings, as it is now. */
  readonly revision: () => number
}

/** What is read to be changed and sent back. */
const settingsPages: ReadonlySet<string> = new Set(['/setup', '/aliases'])

/** Where a change writes settings: only these wait for each other, nothing waits for a doctor of 20 s. */
export const settingsRoutes: ReadonlySet<string> = new Set([
  ...settingsPages,
  '/aliases/:name',
  '/devices',
  '/devices/:name',
  '/devices/:name/limit',
  '/devices/:name/replace',
  '/devices/:name/rotate',
  '/devices/:name/settings',
  '/sightings/adopt',
  '/sessions/:id/cure',
  '/cures/:id',
  '/upstreams',
  '/upstreams/:name',
  '/upstreams/:name/settings',
  '/settings/:table',
])

/** Their bodies and answers are files, of any size: nothing that could be kept, compared or repeated. */
const streaming: ReadonlySet<string> = new Set(['/backups', '/restore'])

/** Routes of the API that obey `If-Match` and `Idempotency-Key` where they change something. */
export function carefully(routes: readonly Route[], world: CarefulWorld): readonly Route[] {
  const inTurn = turns()
  return routes.map((each) => {
    if (settingsPages.has(each.pattern) && each.method === 'GET') return tagged(each, world)
    if (each.method === 'GET' || each.access === 'everybody') return each
    if (streaming.has(each.pattern))
      return { ...each, handle: (asked) => refuseCare(asked) ?? each.handle(asked) }
    return { ...each, handle: (asked) => act(asked, each, world, inTurn) }
  })
}

function refuseCare({ headers }: Routed<string>): Answer | undefined {
  const name = ['Idempotency-Key', 'If-Match'].find((each) => headers[each.toLowerCase()] !== undefined)
  if (name === undefined) return undefined
  return errorAnswer(`${name} is not obeyed here, where a file is sent: ask without it`, 400)
}

const tagged = (route: Route, { revision }: CarefulWorld): Route => ({
  ...route,
  handle: async (asked) => {
    // Before what it stands for: a change in between makes the tag too old, never too new.
    const etag = tagOf(revision())
    const answer = await route.handle(asked)
    return { ...answer, headers: { ...answer.headers, etag } }
  },
})

type InTurn = (work: () => Promise<Answer>) => Promise<Answer>

/** One after the other: two that were made from the same revision must not both find it present. */
function turns(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work)
    last = next.catch(() => undefined)
    return next
  }
}

async function act(
  asked: Routed<string>,
  { handle, pattern }: Route,
  world: CarefulWorld,
  inTurn: InTurn,
): Promise<Answer> {
  const wanted = asked.headers['if-match']
  const key = asked.headers['idempotency-key']
  if (wanted === undefined && key === undefined) return handle(asked)
  const body = await readText(asked.body, pattern === '/setup' ? largestBody : usualBody)
  const whole = { ...asked, body: onePiece(body) }
  const change = async (): Promise<Answer> => outdated(wanted, world) ?? (await handle(whole))
  const once = wanted === undefined || !settingsRoutes.has(pattern) ? change : () => inTurn(change)
  if (key === undefined) return once()
  const { caller, method, path } = asked
  return world.repeats.once({ key: String(key), caller, method, path, body }, once)
}

async function* onePiece(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

/** RFC 9110 section 13.1.1; the tag is the revision. */
function outdated(wanted: string | undefined, { revision }: CarefulWorld): Answer | undefined {
  if (wanted === undefined || wanted === '*') return undefined
  const present = revision()
  const isPresent = wanted.split(',').some((tag) => tag.trim() === tagOf(present))
  if (isPresent) return undefined
  const answer = errorAnswer(
    `the settings changed meanwhile (now revision ${present}): load them again and repeat the change`,
    412,
  )
  return { ...answer, headers: { ...answer.headers, etag: tagOf(present) } }
}

const tagOf = (revision: number): string => `"${revision}"`
