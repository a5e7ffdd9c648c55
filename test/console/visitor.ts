// Somebody at the console without a browser: keeps the cookie and the proof as a browser with our pages would.

import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http'
import { request as requestSecure } from 'node:https'
import type { AboutBox, Enrolment, Me } from '../../src/core/console-session.ts'

export interface Told {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What the door of the console may say: a test looks at what it expects. */
export interface Said {
  readonly kind: string
  readonly error: string
  readonly id: string
  readonly ticket: string
  readonly token: string
  readonly secret: string
  readonly uri: string
  readonly enrolment: Enrolment
  readonly recoveryCodes: readonly string[]
  readonly standing: { readonly kind: string }
  readonly about: AboutBox
  readonly me: Me
}

export interface VisitorOptions {
  /** Loopback address to come from. */
  readonly from?: string
  readonly options?: RequestOptions & { readonly rejectUnauthorized?: boolean; readonly ca?: string }
}

export class Visitor {
  readonly #box: string
  readonly #options: VisitorOptions
  /** Of the session. */
  cookie = ''
  /** Of a browser in which somebody signed in. */
  mark = ''
  proof = ''

  constructor(box: string, options: VisitorOptions = {}) {
    this.#box = box
    this.#options = options
  }

  /** A path below `/api/v1` that answers with JSON. */
  async ask<T = Said>(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly value: T }> {
    const told = await this.send(
      method,
      `/api/v1${path}`,
      body === undefined ? undefined : JSON.stringify(body),
      headers,
    )
    return { status: told.status, headers: told.headers, value: JSON.parse(told.body) }
  }

  async send(
    method: string,
    path: string,
    body?: string | Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Told> {
    const told = await this.#send(method, path, body, {
      ...((this.cookie || this.mark) && { cookie: [this.cookie, this.mark].filter(Boolean).join('; ') }),
      ...(this.proof && { 'inkpost-proof': this.proof }),
      ...headers,
    })
    for (const line of told.headers['set-cookie'] ?? []) this.#keep(line)
    this.#learn(told.body)
    return told
  }

  signIn(name: string, password: string) {
    return this.ask('POST', '/session', { name, password })
  }

  #send(
    method: string,
    path: string,
    body: string | Uint8Array | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<Told> {
    const url = new URL(path, this.#box)
    const ask = url.protocol === 'https:' ? requestSecure : request
    const { from, options } = this.#options
    return new Promise((resolve, reject) => {
      const outgoing = ask(url, {
        method,
        headers,
        ...(from !== undefined && { localAddress: from }),
        ...options,
      })
      outgoing.on('error', reject).on('response', async (incoming) => {
        const told = Buffer.concat(await incoming.toArray()).toString()
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: told })
      })
      outgoing.end(body)
    })
  }

  #keep(line: string): void {
    const [pair = ''] = line.split(';')
    if (/^(?:__Host-)?inkpost-known=/.test(pair)) this.mark = pair
    else this.cookie = /Max-Age=0\b/.test(line) ? '' : pair
  }

  #learn(body: string): void {
    const proof = /"proof":"([\w-]+)"/.exec(body)?.[1]
    if (proof !== undefined) this.proof = proof
  }
}
