import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Machine } from '../../src/core/machine.ts'
import { wallMs } from '../../src/core/time.ts'
import { ClaimFile } from '../../src/gateway/claim-file.ts'
import { jsonLog } from '../../src/platform/log.ts'
import type { Claim } from '../../src/settings/operators.ts'
import { JumpingClock } from '../../test/clock.ts'
import { claimFileDuty } from './claim-file.ts'
import { DutyRefused } from './duty.ts'

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'inkpost-claim-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

describe('the claim code on the boot partition', () => {
  it('is there until the box is claimed, and again after a reset', async () => {
    using boot = folder()
    const duty = claimFileDuty(boot.path)
    const machine = {
      call: async (_: string, ask: unknown) => ({ kind: 'done', answer: await duty.run(ask) }),
    } as unknown as Machine // one duty of the list
    let claim: Claim = { kind: 'open', code: 'ABCD2345' }
    const file = new ClaimFile({
      machine,
      clock: new JumpingClock(wallMs(0)),
      signal: new AbortController().signal,
      claim: () => claim,
      consoleUrl: () => 'https://[::]:8443',
      log: jsonLog(
        () => assert.fail('logged'),
        'info',
        () => wallMs(0),
      ),
    })
    await file.follow()
    const text = () => readFileSync(join(boot.path, 'inkpost-claim.txt'), 'utf8')
    assert.match(text(), /\r\nhttps:\/\/ADDRESS:8443\/\r\nClaim code: ABCD-2345\r\n/)
    claim = { kind: 'claimed' }
    await file.follow()
    assert.deepEqual(readdirSync(boot.path), [])
    claim = { kind: 'open', code: 'EFGH6789' }
    await file.follow()
    assert.match(text(), /EFGH-6789/)
  })

  it('goes nowhere on a machine without one', async () => {
    const answer = await claimFileDuty('/nonexistent/boot').run({ code: null, port: 443 })
    assert.deepEqual(answer, { isThere: false })
  })

  it('is a code, and no text of somebody else', async () => {
    using boot = folder()
    for (const code of ['', 'abc', 'ABCD 2345', 'A'.repeat(33), '../../etc'])
      await assert.rejects(claimFileDuty(boot.path).run({ code, port: 443 }), DutyRefused)
    assert.deepEqual(readdirSync(boot.path), [])
  })
})
