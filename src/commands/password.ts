import { createInterface } from 'node:readline'
import type { World } from './world.ts'

/** A password from INKPOST_PASSWORD, asked at a terminal without echo, or the first line of stdin; undefined if empty. */
export const askPassword = (world: World): Promise<string | undefined> =>
  ask(world, 'INKPOST_PASSWORD', 'Password: ')

/** The same of a backup: its passphrase or, to open one, its recovery code. */
export const askPassphrase = (world: World): Promise<string | undefined> =>
  ask(world, 'INKPOST_PASSPHRASE', 'Passphrase: ')

async function ask(world: World, variable: string, prompt: string): Promise<string | undefined> {
  const given =
    world.environment[variable] ?? (await (world.input.isTTY ? typed(world, prompt) : firstLine(world)))
  return given === undefined || given === '' ? undefined : given
}

/** Of stdin; undefined: there is none. */
export async function firstLine({ input }: Pick<World, 'input'>): Promise<string | undefined> {
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) return line
  return undefined
}

const enter = new Set(['\r', '\n', '\u0004'])
const erase = new Set(['\u007f', '\b'])
const interrupt = '\u0003'

/** Reads key by key in raw mode: nothing that is typed appears. */
async function typed({ input, err }: World, prompt: string): Promise<string | undefined> {
  input.setRawMode?.(true)
  await err.write(prompt)
  input.setEncoding('utf8')
  try {
    let password = ''
    for await (const keys of input.iterator({ destroyOnReturn: false })) {
      for (const key of String(keys)) {
        if (key === interrupt) return undefined
        if (enter.has(key)) return password
        password = erase.has(key) ? [...password].slice(0, -1).join('') : password + key
      }
    }
    return password
  } finally {
    input.setRawMode?.(false)
    input.pause()
    await err.write('\n')
  }
}
