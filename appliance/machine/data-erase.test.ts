import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Ran } from './command.ts'
import { dataEraseDuty } from './data-erase.ts'
import { DutyRefused } from './duty.ts'

/** What cryptsetup 2.6 prints of an open partition. */
const status = `/dev/mapper/inkpost-data is active and is in use.
  type:    LUKS2
  cipher:  aes-xts-plain64
  keysize: 512 bits
  key location: keyring
  device:  /dev/mmcblk0p4
  sector size:  512
  offset:  32768 sectors
  size:    1000000 sectors
  mode:    read/write
`

/** A machine on which each program answers as told; what was run is kept. */
function machine(answers: Readonly<Record<string, string | Ran>>) {
  const ran: string[] = []
  const run = async (program: string, words: readonly string[]): Promise<Ran> => {
    const line = [program, ...words].join(' ')
    ran.push(line)
    const [, answer = ''] = Object.entries(answers).find(([start]) => line.startsWith(start)) ?? []
    return typeof answer === 'string' ? { status: 0, out: answer, err: '' } : answer
  }
  const duty = dataEraseDuty(() => ran.push('the network'), run)
  return { ran, duty }
}

describe('making what was stored unreadable', () => {
  it('erases the keys of an encrypted data partition', async () => {
    const { ran, duty } = machine({
      findmnt: '/dev/mapper/inkpost-data /var/lib/inkpost\n',
      'cryptsetup status': status,
    })
    const answer = await duty.run({ step: 'keys' })
    assert.equal(ran[0], 'the network')
    assert.deepEqual(answer, { done: 'the keys of the encrypted partition /dev/mmcblk0p4 are erased' })
    assert.equal(ran.at(-1), 'cryptsetup erase --batch-mode --disable-locks /dev/mmcblk0p4')
  })

  it('drops what the files lay on, also of a bind mount', async () => {
    const { ran, duty } = machine({
      findmnt: '/dev/mmcblk0p4[/inkpost] /data\n',
      fstrim: '/data: 1 GiB (1073741824 bytes) trimmed\n',
    })
    assert.deepEqual(await duty.run({ step: 'rest' }), { done: '/data: 1 GiB (1073741824 bytes) trimmed' })
    assert.deepEqual(await duty.run({ step: 'keys' }), { done: '' })
    assert.ok(!ran.some((line) => line.includes('erase')))
  })

  it("leaves the system's own partition alone", async () => {
    for (const findmnt of ['/dev/sda1 /\n', { status: 1, out: '', err: '' }]) {
      const { ran, duty } = machine({ findmnt })
      assert.deepEqual(await duty.run({ step: 'rest' }), { done: '' })
      assert.equal(ran.length, 1)
      assert.deepEqual(await duty.run({ step: 'keys' }), { done: '' })
      assert.ok(ran.includes('the network'))
    }
  })

  it("leaves an encrypted partition alone that holds more than a box's data", async () => {
    const { ran, duty } = machine({
      findmnt: '/dev/mapper/laptop-var /var\n',
      'cryptsetup status': status.replace('inkpost-data', 'laptop-var'),
    })
    assert.deepEqual(await duty.run({ step: 'keys' }), { done: '' })
    assert.ok(!ran.some((line) => line.startsWith('cryptsetup')))
  })

  it('says what failed', async () => {
    const { duty } = machine({
      findmnt: '/dev/mmcblk0p4 /data\n',
      fstrim: { status: 1, out: '', err: 'fstrim: /data: the discard operation is not supported\n' },
    })
    await assert.rejects(
      duty.run({ step: 'rest' }),
      new DutyRefused('fstrim failed: fstrim: /data: the discard operation is not supported'),
    )
  })
})
