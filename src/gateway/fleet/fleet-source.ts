import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Secrets } from '../../core/secret.ts'
import type { FleetSetup } from '../../core/setup.ts'
import { minute, second } from '../../core/time.ts'
import { mostOctets } from '../../fleet/bundle.ts'
import { errorCode } from '../../platform/durable-file.ts'
import { askShare } from '../share-client.ts'
import { callHttps } from './https-call.ts'

export type Fetched =
  /** `tag`: by which a later question says what is known; undefined: it has none. */
  | { readonly kind: 'file'; readonly text: string; readonly tag: string | undefined }
  | { readonly kind: 'same' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'too-large' }
  /** For an administrator. */
  | { readonly kind: 'failed'; readonly detail: string }

/** Where head office publishes: files by their names. Never rejects for what the other side does. */
export interface FleetSource {
  get(name: string, tag: string | undefined, signal: AbortSignal): Promise<Fetched>
}

interface SourceWorld {
  readonly secrets: Secrets
  /** Of `[gateway]`, for HTTPS. */
  readonly proxy: string
  /** So long a file may take from a share; what else waits for a look, such as giving back, waits no longer. */
  readonly longestMs?: number
}

const longestFileMs = 5 * minute

export const fleetSource = (fleet: FleetSetup, world: SourceWorld): FleetSource =>
  fleet.url.startsWith('//') ? shareSource(fleet, world) : httpsSource(fleet, world)

function httpsSource(fleet: FleetSetup, { secrets, proxy }: SourceWorld): FleetSource {
  return {
    async get(name, tag, signal) {
      const secret = passwordOf(fleet, secrets)
      if (typeof secret !== 'string') return secret
      const basic = Buffer.from(`${fleet.username}:${secret}`).toString('base64')
      const headers = {
        ...(tag !== undefined && { 'if-none-match': tag }),
        ...(fleet.username !== '' && { authorization: `Basic ${basic}` }),
      }
      const ask = { method: 'GET', url: `${fleet.url}/${name}`, headers, mostOctets, signal } as const
      const answer = await callHttps(ask, { caFile: fleet.caFile, proxy })
      if (answer.kind !== 'answer') return answer
      return judged(answer)
    },
  }
}

function judged({ status, text, tag }: { status: number; text: string; tag: string | undefined }): Fetched {
  if (status === 200) return { kind: 'file', text, tag }
  if (status === 304) return { kind: 'same' }
  if (status === 404) return { kind: 'absent' }
  const hint =
    status === 401 || status === 403 ? ': username or password is wrong, or may not read there' : ''
  const moved = status >= 300 && status < 400 ? ': it sends elsewhere, set fleet.url to where it leads' : ''
  return { kind: 'failed', detail: `the server answered ${status}${hint}${moved}` }
}

const absentCodes = [
  'NT_STATUS_OBJECT_NAME_NOT_FOUND',
  'NT_STATUS_OBJECT_PATH_NOT_FOUND',
  'NT_STATUS_NO_SUCH_FILE',
]

/** SMB has nothing that says whether a file is another one: it is read each time. */
function shareSource(fleet: FleetSetup, { secrets, longestMs = longestFileMs }: SourceWorld): FleetSource {
  return {
    async get(name, _, signal) {
      const secret = passwordOf(fleet, secrets)
      if (typeof secret !== 'string') return secret
      const folder = mkdtempSync(join(tmpdir(), 'inkpost-fleet-'))
      const limit = AbortSignal.timeout(longestMs)
      try {
        const { url: share, username } = fleet
        const script = `get "${name.replaceAll('/', '\\')}" file`
        const within = { mostOctets: mostOctets + 1, signal: AbortSignal.any([signal, limit]) }
        const answer = await askShare({ share, username, secret, folder, script, ...within })
        const file = join(folder, 'file')
        // smbclient calls a file whole that it had to cut.
        if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > mostOctets) return { kind: 'too-large' }
        if (answer.kind === 'done') return read(file)
        return absentCodes.includes(answer.code ?? '') ? { kind: 'absent' } : answer
      } catch (error) {
        if (signal.aborted || !limit.aborted) throw error
        return { kind: 'failed', detail: `the share gave no whole answer in ${longestMs / second} s` }
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}

function read(file: string): Fetched {
  try {
    return { kind: 'file', text: readFileSync(file, 'utf8'), tag: undefined }
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    return { kind: 'failed', detail: `what came from the share cannot be read: ${code}` }
  }
}

function passwordOf({ password }: FleetSetup, secrets: Secrets): string | Fetched {
  if (password === undefined) return ''
  const opened = secrets.open(password)
  if (opened.kind === 'open') return opened.value
  const detail =
    opened.kind === 'unreadable' ? opened.detail : 'fleet.password cannot be opened: enter it again'
  return { kind: 'failed', detail }
}
