import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { DutyRefused } from './duty.ts'
import { firewallDuty } from './firewall.ts'

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'inkpost-firewall-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

const wanted = { entrances: [587, 25, 25], tcp: [443], udp: [] }

describe('the ports of the firewall', () => {
  it('go into their sets, and into the file of the next load', async () => {
    using home = folder()
    const loaded: string[] = []
    const duty = firewallDuty(home.path, async (rules) => void loaded.push(rules))
    assert.deepEqual(await duty.run(wanted), { isClosed: true })
    const rules = [
      'flush set inet inkpost entrances',
      'add element inet inkpost entrances { 25, 587 }',
      'flush set inet inkpost dialled_tcp',
      'add element inet inkpost dialled_tcp { 443 }',
      'flush set inet inkpost dialled_udp',
      '',
    ].join('\n')
    assert.deepEqual(loaded, [rules])
    assert.equal(readFileSync(join(home.path, 'ports.nft'), 'utf8'), rules)
  })

  it('stay as they were where nft refuses', async () => {
    using home = folder()
    const duty = firewallDuty(home.path, async () => {
      throw new DutyRefused('nft took none of it')
    })
    await assert.rejects(duty.run(wanted), /nft took none of it/)
    assert.equal(existsSync(join(home.path, 'ports.nft')), false)
  })

  it('are not touched on a machine that nobody closed', async () => {
    const duty = firewallDuty('/nonexistent/inkpost', async () => assert.fail('loaded'))
    assert.deepEqual(await duty.run(wanted), { isClosed: false })
  })

  it('are numbers of ports, and nothing else gets into a rule', async () => {
    using home = folder()
    const duty = firewallDuty(home.path, async () => assert.fail('loaded'))
    for (const wrong of [
      { ...wanted, tcp: ['443 } ; flush ruleset'] },
      { ...wanted, tcp: [0] },
      { ...wanted, udp: [65_536] },
      { ...wanted, udp: [1.5] },
      { ...wanted, entrances: Array(65).fill(25) },
      { ...wanted, rules: 'flush ruleset' },
      { entrances: [25] },
    ])
      await assert.rejects(duty.run(wrong), DutyRefused)
  })
})
