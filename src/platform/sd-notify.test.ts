import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { sdNotify, watchdogIntervalMs } from './sd-notify.ts'

describe('watchdog interval', () => {
  const rows: readonly (readonly [string | undefined, number | undefined])[] = [
    ['30000000', 15_000],
    [undefined, undefined],
    ['', undefined],
    ['0', undefined],
    ['-5', undefined],
    ['soon', undefined],
  ]
  for (const [value, ms] of rows)
    it(`${value ?? 'unset'}: ${ms ?? 'none'}`, () =>
      assert.equal(watchdogIntervalMs(value === undefined ? {} : { WATCHDOG_USEC: value }), ms))
})

describe('sd_notify', () => {
  /** A PATH on which systemd-notify only writes down what it was called with. */
  const withTool = async (environment: NodeJS.ProcessEnv, told: string): Promise<string> => {
    const folder = mkdtempSync(join(tmpdir(), 'notify-'))
    const path = process.env['PATH']
    const said = join(folder, 'said')
    writeFileSync(
      join(folder, 'systemd-notify'),
      `#!/bin/sh\necho "$@" > ${said}.new && mv ${said}.new ${said}\n`,
    )
    chmodSync(join(folder, 'systemd-notify'), 0o755)
    process.env['PATH'] = `${folder}:${path}`
    try {
      sdNotify('READY=1', environment)
      for (let tries = 0; tries < (told === '' ? 20 : 2000); tries++) {
        const found = readOr(said)
        if (found !== '') return found
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      return ''
    } finally {
      process.env['PATH'] = path
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const readOr = (file: string): string => {
    try {
      return readFileSync(file, 'utf8').trim()
    } catch {
      return ''
    }
  }

  it('tells the state for this process', async () => {
    const expected = `--pid=${process.pid} READY=1`
    assert.equal(await withTool({ NOTIFY_SOCKET: '/run/notify' }, expected), expected)
  })

  it('is silent where nobody listens', async () => {
    assert.equal(await withTool({}, ''), '')
  })

  it('bears a machine without systemd', () => {
    const path = process.env['PATH']
    process.env['PATH'] = '/nonexistent'
    try {
      assert.doesNotThrow(() => sdNotify('STOPPING=1', { NOTIFY_SOCKET: '/run/notify' }))
    } finally {
      process.env['PATH'] = path
    }
  })
})
