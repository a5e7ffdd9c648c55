import { constants, createReadStream } from 'node:fs'
import { access, open, rename, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { describeSize } from '../core/size.ts'
import { errorCode } from '../platform/durable-file.ts'
import { type Call, onBox, show } from './call.ts'
import { askPassphrase } from './password.ts'
import { oneLine } from './plain-text.ts'
import { done, failed, refusedBy, type Verdict, wrong } from './verdict.ts'

export interface BackupChoice {
  readonly withSpool: boolean
  /** Sealed to the recovery code instead of a passphrase. */
  readonly recoveryCode: boolean
}

/** `backup FILE`: one encrypted file; `-` is stdout. A file that is there is replaced when the new one is whole. */
export async function backup(call: Call, file: string, choice: BackupChoice): Promise<Verdict> {
  const passphrase = choice.recoveryCode ? undefined : await askPassphrase(call.world)
  if (!choice.recoveryCode && passphrase === undefined)
    return wrong('no passphrase was given: stdin, INKPOST_PASSPHRASE, or a terminal')
  return await onBox(call, async (operations) => {
    const made = await operations.makeBackup({ withSpool: choice.withSpool, passphrase }, call.world.who)
    if (made.kind === 'refused') return refusedBy(made)
    if (file === '-') return await toScreen(call, made.octets)
    return await toFile(call, resolve(file), made.octets)
  })
}

async function toScreen({ world }: Call, octets: AsyncIterable<Uint8Array>): Promise<Verdict> {
  for await (const piece of octets) await world.out.write(piece)
  return done
}

async function toFile(call: Call, file: string, octets: AsyncIterable<Uint8Array>): Promise<Verdict> {
  const beside = `${file}.part`
  try {
    await rm(beside, { force: true })
    const written = await writeSynced(beside, octets)
    await rename(beside, file)
    await show(call, { file, octets: written }, () => [
      `${oneLine(file)} is written, ${describeSize(written)}. Nobody opens it without its passphrase or recovery code.`,
    ])
    return done
  } catch (error) {
    await octets[Symbol.asyncIterator]().return?.()
    await rm(beside, { force: true })
    const code = errorCode(error)
    if (code === undefined) throw error
    return failed(`${file} could not be written: ${error instanceof Error ? error.message : code}`)
  }
}

async function writeSynced(file: string, octets: AsyncIterable<Uint8Array>): Promise<number> {
  let written = 0
  await using handle = await open(file, 'wx', 0o600)
  for await (const piece of octets) written += (await handle.write(piece)).bytesWritten
  await handle.sync()
  return written
}

/** The file as octets, opened when the first is asked for; a sentence where it can't be read. */
export async function readBackupFile(file: string): Promise<AsyncIterable<Uint8Array> | string> {
  try {
    await access(file, constants.R_OK)
    if ((await stat(file)).isDirectory()) return `${file} is a directory`
    return octetsOf(file)
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    return `${file} can't be read: ${code}`
  }
}

async function* octetsOf(file: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(file, { highWaterMark: 65_536 })
}
