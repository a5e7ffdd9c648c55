import type { IncomingHttpHeaders } from 'node:http'

/** A request, whatever route it takes. */
export interface Asked {
  readonly method: string
  /** As it was sent, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** The socket's address as Node spells it; empty on a Unix socket. */
  readonly from: string
  /** The socket's own address: that by which the box was reached. Empty on a Unix socket. */
  readonly at: string
  /** Came over TLS. */
  readonly isSecure: boolean
  /** Read at most once; stopping early is allowed. */
  readonly body: AsyncIterable<Uint8Array>
  /** The body may take longer than the 30 s of others, as long as it goes on. */
  readonly takeTime: () => void
}

/** Who may use a route. `box`: who is on the box itself, at the control socket; a wider one includes the narrower. */
export const accesses = ['box', 'administrator', 'technician', 'viewer', 'everybody'] as const
export type Access = (typeof accesses)[number]

/** Whether someone who was admitted as `has` may use what asks for `needs`. */
export const isEnough = (has: Access, needs: Access): boolean =>
  accesses.indexOf(has) <= accesses.indexOf(needs)

/** Who asks, as far as that was proved. */
export interface Caller {
  readonly access: Access
  /** For the audit: a name, and from where. */
  readonly who: string
  /** Who signed in with their own password; undefined: a day pass, a script's token, the box itself. */
  readonly operator?: string | undefined
  /** The session or token that let them in, and no header beside it; undefined: the box itself. */
  readonly owner?: string | undefined
}

/** A token makes no way in: who stole one could stay for ever. */
export const isPerson = ({ access, operator }: Caller): boolean => access === 'box' || operator !== undefined

export type Admission =
  | { readonly kind: 'admitted'; readonly caller: Caller }
  | { readonly kind: 'refused'; readonly answer: Answer }

/** A request on its route; `Name` are the parameters of the route's pattern. */
export interface Routed<Name extends string> extends Asked {
  readonly caller: Caller
  /** What stands in the path in the place of `:name`, decoded and never empty. */
  readonly parameter: (name: Name) => string
  /** Whether the caller would be let in now. */
  readonly isStillIn: () => Promise<boolean>
}

/** What is written back as it stands. A body in pieces that breaks in the middle breaks the connection. */
/** A list is a header that comes more than once. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[]>>

export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: AnswerHeaders
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
type Handler<Name extends string> = (asked: Routed<Name>) => Answer | Promise<Answer>

/** The names in a pattern: `'id' | 'part'` in `/messages/:id/:part`. */
type NameIn<Pattern extends string> = Pattern extends `${infer Left}/${infer Right}`
  ? NameIn<Left> | NameIn<Right>
  : Pattern extends `:${infer Name}`
    ? Name
    : never

export interface Route {
  readonly method: Method
  readonly pattern: string
  readonly access: Access
  readonly handle: Handler<string>
}

/** A part of `pattern` that starts with a colon matches any part of a path that is not empty. GET answers HEAD too. */
export function route<Pattern extends string>(
  method: Method,
  pattern: Pattern,
  access: Access,
  handle: Handler<NameIn<Pattern>>,
): Route {
  return { method, pattern, access, handle }
}

export function under(prefix: string, routes: readonly Route[]): readonly Route[] {
  return routes.map((each) => ({ ...each, pattern: `${prefix}${each.pattern}` }))
}

/** Everything that one server answers. */
export interface Site {
  /** The first that matches is taken. */
  readonly routes: readonly Route[]
  /** On every answer; an answer's own win. */
  readonly headers?: Readonly<Record<string, string>>
  /** Asked before a route is looked for: an answer here is the answer. */
  guard?(asked: Asked): Answer | undefined
  /** Asked when the route is known, before its body is read, and again with each piece of it: who was let in may be gone. */
  admit(asked: Asked, access: Access): Admission | Promise<Admission>
  notFound(asked: Asked): Answer | Promise<Answer>
  /** The path is there, for the `allowed` methods; the `Allow` header is added (RFC 9110 section 15.5.6). */
  notAllowed(asked: Asked, allowed: string): Answer | Promise<Answer>
  failed(error: unknown, asked: Asked): Answer
}

/** Never rejects: what a handler throws becomes an answer here and nowhere else. */
export async function answerTo(site: Site, asked: Asked): Promise<Answer> {
  const answer = await unadorned(site, asked).catch((error: unknown) =>
    error instanceof Dismissed ? error.answer : site.failed(error, asked),
  )
  return { ...answer, headers: { ...site.headers, ...answer.headers } }
}

async function unadorned(site: Site, asked: Asked): Promise<Answer> {
  const refusal = site.guard?.(asked)
  if (refusal) return refusal
  const path = asked.path.split('/').map(decoded)
  const matches = site.routes.flatMap(({ pattern, ...rest }) => {
    const parameters = match(pattern, path)
    return parameters ? [{ ...rest, parameters }] : []
  })
  const wanted = asked.method === 'HEAD' ? 'GET' : asked.method
  const found = matches.find(({ method }) => method === wanted)
  if (found) {
    const admission = await site.admit(asked, found.access)
    if (admission.kind === 'refused') return admission.answer
    const { caller } = admission
    const again = (): Promise<Admission> | Admission => site.admit(asked, found.access)
    return found.handle({
      ...asked,
      body: whileAdmitted(asked.body, again),
      caller,
      parameter: (name) => known(found.parameters, name),
      isStillIn: async () => (await again()).kind === 'admitted',
    })
  }
  if (matches.length === 0) return site.notFound(asked)
  const allowed = allowedBy(matches)
  const answer = await site.notAllowed(asked, allowed)
  return { ...answer, headers: { ...answer.headers, allow: allowed } }
}

/** Thrown where the body is read: a handler has nothing to do any more. */
class Dismissed extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super('who asked may not do this any more')
    this.answer = answer
  }
}

/** A body may take hours to arrive, and whoever sends it be dismissed meanwhile. */
async function* whileAdmitted(
  body: Asked['body'],
  again: () => Promise<Admission> | Admission,
): AsyncGenerator<Uint8Array> {
  const ask = async (): Promise<void> => {
    const admission = await again()
    if (admission.kind === 'refused') throw new Dismissed(admission.answer)
  }
  for await (const piece of body) {
    await ask()
    yield piece
  }
  await ask()
}

function allowedBy(matches: readonly { readonly method: Method }[]): string {
  return matches.map(({ method }) => (method === 'GET' ? 'GET, HEAD' : method)).join(', ')
}

/** The values of a pattern's parameters in a path; undefined if the path is another one. */
function match(pattern: string, path: readonly string[]): ReadonlyMap<string, string> | undefined {
  const parts = pattern.split('/')
  if (parts.length !== path.length) return undefined
  const parameters = new Map<string, string>()
  for (const [index, part] of parts.entries()) {
    const text = path[index] ?? ''
    if (part.startsWith(':') && text !== '') parameters.set(part.slice(1), text)
    else if (part !== text) return undefined
  }
  return parameters
}

function known(parameters: ReadonlyMap<string, string>, name: string): string {
  const value = parameters.get(name)
  if (value === undefined) throw new Error(`the route has no parameter ${name}`)
  return value
}

/** What is not percent-encoded properly stands for itself: it names nothing that is there. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
