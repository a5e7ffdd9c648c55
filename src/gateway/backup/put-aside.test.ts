import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import type { Alert } from '../../core/alerts.ts'
import { countIn } from '../../spool/spool-file.ts'
import { noon, octetsOf, published, testSpool } from '../../spool/spool-fixture.ts'
import { takeRestore, tellPutAside } from './put-aside.ts'
import { stage } from './staged-restore.ts'

/** What is told of a directory. */
async function alertsOf(dataDir: string, before: readonly Alert[] = []): Promise<readonly Alert[]> {
  const raised = new Map(before.map((alert) => [alert.key, alert]))
  await tellPutAside(dataDir, {
    raise: (alert) => void raised.set(alert.key, alert),
    clear: (key) => void raised.delete(key),
    active: () => [...raised.values()].map((alert) => ({ ...alert, since: noon })),
  })
  return [...raised.values()]
}

function stageSettings(dataDir: string): void {
  mkdirSync(join(dataDir, 'restore.staged'))
  writeFileSync(join(dataDir, 'restore.staged', 'settings.db'), 'new')
}

describe('what restores put aside', () => {
  it('stays through later ones while mail waits in it, and is told of; then it goes', async () => {
    await using box = await testSpool()
    const dataDir = dirname(box.file)
    await box.spool.recover(noon)
    const message = await published(box.spool, octetsOf(500))
    await box.spool[Symbol.asyncDispose]()
    writeFileSync(join(dataDir, 'settings.db'), 'old')
    const replaced = join(dataDir, 'replaced')
    mkdirSync(replaced)
    renameSync(box.file, join(replaced, 'spool.db'))

    stageSettings(dataDir)
    assert.equal(await takeRestore(dataDir), 'taken')
    assert.ok(existsSync(join(replaced, 'spool.db')))
    assert.ok(existsSync(join(dataDir, 'replaced-2', 'settings.db')))
    const [alert, ...others] = await alertsOf(dataDir)
    assert.deepEqual([alert?.key, others], ['mail-put-aside/replaced', []])
    assert.match(alert?.sentence ?? '', /put 1 waiting delivery aside into .*replaced: they are not sent/)

    renameSync(join(replaced, 'spool.db'), box.file)
    const spool = await box.reopen()
    await spool.operate('drop', { message }, noon)
    await spool[Symbol.asyncDispose]()
    renameSync(box.file, join(replaced, 'spool.db'))
    assert.ok(alert)
    assert.deepEqual(await alertsOf(dataDir, [alert]), [])
    stageSettings(dataDir)
    await takeRestore(dataDir)
    assert.equal(existsSync(join(replaced, 'spool.db')), false)
    assert.equal(existsSync(join(dataDir, 'replaced-2')), false)
  })

  it('is not what came between the last look and the end of the house: the restore is given up', async () => {
    await using box = await testSpool()
    const dataDir = dirname(box.file)
    await box.spool.recover(noon)
    await published(box.spool, octetsOf(500))
    await box.spool[Symbol.asyncDispose]()
    const stageMail = (mayPutAside: boolean) => {
      mkdirSync(join(dataDir, 'restore.work'))
      writeFileSync(join(dataDir, 'restore.work', 'spool.db'), '')
      stage(dataDir, join(dataDir, 'restore.work'), mayPutAside)
    }
    stageMail(false)
    assert.equal(await takeRestore(dataDir), 'given-up')
    assert.deepEqual(readdirSync(join(dataDir, 'restore.given-up')), [], 'nothing of it lies on the disk')
    assert.equal(await takeRestore(dataDir), 'none')
    assert.equal(countIn(box.file, 'delivery'), 1)
    stageMail(true)
    assert.equal(await takeRestore(dataDir), 'taken')
    assert.equal(countIn(join(dataDir, 'replaced', 'spool.db'), 'delivery'), 1)
    assert.equal(existsSync(join(dataDir, 'restore.given-up')), false, 'that one was taken is no news')
  })

  it('stays where nobody can read it', async () => {
    await using box = await testSpool()
    const dataDir = dirname(box.file)
    mkdirSync(join(dataDir, 'replaced'))
    writeFileSync(join(dataDir, 'replaced', 'spool.db'), 'no database '.repeat(300))
    writeFileSync(join(dataDir, 'settings.db'), 'old')
    stageSettings(dataDir)
    await takeRestore(dataDir)
    assert.ok(existsSync(join(dataDir, 'replaced', 'spool.db')))
    assert.match((await alertsOf(dataDir))[0]?.sentence ?? '', /can't be read, and is not sent/)
  })
})
