import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { machineLinks, machinePorts } from './network-links.ts'

/** As /sys/class/net tells of a link. */
function link(
  folder: string,
  name: string,
  { type = '1', ...has }: { type?: string; radio?: true; device?: true },
): void {
  for (const [part, isThere] of [
    ['', true],
    ['phy80211', has.radio],
    ['device', has.device],
  ] as const)
    if (isThere) mkdirSync(join(folder, name, part))
  writeFileSync(join(folder, name, 'type'), `${type}\n`)
}

describe('the ports of a machine', () => {
  it('are its cables and its radios, and nothing that a program made', () => {
    const folder = mkdtempSync(join(tmpdir(), 'inkpost-links-'))
    try {
      link(folder, 'lo', { type: '772' })
      link(folder, 'docker0', {})
      link(folder, 'eth1', {})
      assert.deepEqual(machinePorts(folder), { cable: ['eth1'], radio: [] })
      link(folder, 'wlan0', { radio: true, device: true })
      link(folder, 'eth0', { device: true })
      assert.deepEqual(machinePorts(folder), { cable: ['eth0', 'eth1'], radio: ['wlan0'] })
      assert.deepEqual(machineLinks(folder), { wired: 'eth0', wireless: 'wlan0' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
