import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { setupOf, upstreamSetup } from '../../test/delivery-harness.ts'
import type { Alert } from '../core/alerts.ts'
import type { Setup } from '../core/setup.ts'
import { minute, wallMs } from '../core/time.ts'
import { CertificateCare } from './certificate-care.ts'
import type { Progress } from './certificate-renewal.ts'

const acs = upstreamSetup('acs', {
  kind: 'acs-email',
  credential: {
    kind: 'client-certificate',
    tenantId: 't',
    clientId: 'c',
    certificateFile: '',
    expires: '',
  },
})
const trouble = { severity: 'alarm', sentence: 'It cannot be renewed.', remedy: 'Upload it.' } as const

/** Counts waits of no time, and stops giving them before they are endless. */
class RestingClock extends JumpingClock {
  restless = 0

  override after(ms: number, callback: () => void): () => void {
    if (ms > 0) return super.after(ms, callback)
    this.restless += 1
    return this.restless > 20 ? () => {} : super.after(ms, callback)
  }
}

/** A watch over one way out that finds what the test says. */
class Stage {
  readonly clock = new RestingClock(wallMs(Date.UTC(2026, 10, 28)))
  readonly alerts = new Map<string, Alert>()
  readonly looked: string[] = []
  setup: Setup = setupOf([acs])
  found: Progress = { afterMs: minute }
  readonly #stop = new AbortController()
  readonly #watching: Promise<void>

  constructor() {
    const care = new CertificateCare({
      setup: () => this.setup,
      identities: { reread: () => 'same' },
      renewal: {
        look: async ({ name }) => {
          this.looked.push(name)
          return this.found
        },
      },
      hasNext: () => false,
      isPaused: async () => false,
      isTaken: async () => false,
      clock: this.clock,
      log: { write() {} },
      alerts: {
        raise: (alert) => void this.alerts.set(alert.key, alert),
        clear: (key) => void this.alerts.delete(key),
        active: () => [...this.alerts.values()].map((alert) => ({ ...alert, since: this.clock.wall() })),
      },
      onRecovered: () => {},
    })
    this.#watching = care.watch(this.#stop.signal)
  }

  /** The watch gets as far as its next wait. */
  async passMinute(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    await this.clock.jump(minute)
    await new Promise((resolve) => setImmediate(resolve))
  }

  async finds(progress: Progress): Promise<readonly string[]> {
    const before = this.looked.length
    this.found = progress
    for (let turn = 0; turn < 5; turn += 1) await this.passMinute()
    assert.ok(this.looked.length > before, 'it has looked')
    return [...this.alerts.keys()]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#watching
  }
}

describe('the watch over certificates', () => {
  it('leaves an alert as it is while nothing can be seen', async () => {
    await using stage = new Stage()
    assert.deepEqual(await stage.finds({ afterMs: minute, trouble }), ['certificate/acs'])
    assert.deepEqual(await stage.finds({ afterMs: minute, isUnknown: true }), ['certificate/acs'])
    assert.deepEqual(await stage.finds({ afterMs: minute }), [])
  })

  it('rests when its way out is gone, also where nobody woke it', async () => {
    await using stage = new Stage()
    await stage.passMinute()
    stage.setup = setupOf([])
    for (let turn = 0; turn < 10; turn += 1) await stage.passMinute()
    assert.equal(stage.clock.restless, 0)
  })
})
