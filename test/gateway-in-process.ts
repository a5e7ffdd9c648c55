// A gateway inside the test's own process, with a clock that the test moves: for outages of hours and weeks. The
// shipped entry has no such hook.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Operations, UpstreamView } from '../src/core/operations.ts'
import type { MessageView } from '../src/core/spool.ts'
import type { ReadyFacts } from '../src/gateway/example.ts'
import { type GatewayWorld, type RunningGateway, startGateway } from '../src/gateway.ts'
import { jsonLog } from '../src/platform/log.ts'
import { until } from './gateway-process.ts'
import { SmtpClient } from './smtp-client.ts'

export interface Sent {
  readonly id: string
  readonly reply: string
}

export class GatewayInProcess implements AsyncDisposable {
  readonly log: string[] = []
  readonly #gateway: RunningGateway
  readonly #facts: ReadyFacts

  private constructor(gateway: RunningGateway, facts: ReadyFacts, log: string[]) {
    this.#gateway = gateway
    this.#facts = facts
    this.log = log
  }

  static async start(
    folder: string,
    setup: string | undefined,
    world: GatewayWorld,
  ): Promise<GatewayInProcess> {
    const log: string[] = []
    mkdirSync(join(folder, 'data'), { recursive: true })
    const setupFile = join(folder, 'setup.toml')
    if (setup !== undefined) writeFileSync(setupFile, setup)
    const ready = Promise.withResolvers<ReadyFacts>()
    const gateway = await startGateway(
      {
        dataDir: join(folder, 'data'),
        log: jsonLog(
          (line) => log.push(line),
          'info',
          () => world.clock.wall(),
        ),
        setupFile: setup === undefined ? undefined : setupFile,
        withExample: false,
        onReady: ready.resolve,
      },
      world,
    )
    return new GatewayInProcess(gateway, await ready.promise, log)
  }

  get operations(): Operations {
    return this.#gateway.operations
  }

  /** URL; empty where there is none. */
  get console(): string {
    return this.#facts.console
  }

  port(listener: string): number {
    const found = this.#facts.listeners.find(({ name }) => name === listener)
    if (!found) throw new Error(`no listener ${listener}`)
    return found.port
  }

  /** One mail on a session of its own, from a device that is known by address. */
  async send(mail: {
    readonly to: readonly string[]
    readonly subject?: string
    readonly from?: string
    readonly text?: string
    /** Loopback address that it comes from. */
    readonly device?: string
  }): Promise<Sent> {
    const from = mail.from ?? 'scanner@contoso.com'
    using client = await SmtpClient.connect(this.port('plain'), '127.0.0.1', mail.device)
    await client.command('HELO scanner')
    const content = `From: ${from}\r\nTo: ${mail.to[0]}\r\nSubject: ${mail.subject ?? 'scan'}\r\n\r\n${mail.text ?? 'hello'}`
    const reply = await client.send({ from, to: mail.to, content })
    return { id: /^250 .*?([0-9A-Z]+)$/.exec(reply)?.[1] ?? '', reply }
  }

  async upstream(name: string): Promise<UpstreamView> {
    const found = (await this.operations.status()).upstreams.find((view) => view.name === name)
    if (!found) throw new Error(`no upstream ${name}`)
    return found
  }

  upstreamIs(name: string, state: string): Promise<UpstreamView> {
    return until(`${name} is ${state}`, async () => {
      const view = await this.upstream(name)
      return view.state === state && view
    })
  }

  async message(id: string): Promise<MessageView> {
    const view = await this.operations.message(id)
    if (!view) throw new Error(`no message ${id}`)
    return view
  }

  /** States of a message's recipients, in order. */
  async states(id: string): Promise<readonly string[]> {
    return (await this.message(id)).recipients.map(({ state }) => state)
  }

  messageIs(id: string, ...states: readonly string[]): Promise<MessageView> {
    return until(`message ${id} is ${states.join(' or ')}`, async () => {
      const view = await this.message(id)
      return view.recipients.every(({ state }) => states.includes(state)) && view
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gateway[Symbol.asyncDispose]()
  }
}
