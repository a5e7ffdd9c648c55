import type { AuditVerification } from '../core/audit.ts'
import type { BackupOctets, BackupWish, RestoreView, RestoreWish } from '../core/backup-operations.ts'
import type { Diagnosis } from '../core/diagnosis.ts'
import type { EditTrouble } from '../core/edits.ts'
import type { ApplyResult, DeviceCard, DeviceWish, Done, Operations, Refused } from '../core/operations.ts'
import type { QueueAction } from '../core/spool.ts'
import { minute } from '../core/time.ts'
import { askControl, type ControlAsk, ControlTrouble, readJson } from './control-request.ts'

const part = encodeURIComponent
/** Copying or verifying a large spool on a slow card keeps a gateway silent for long. */
const longestCopyMs = 15 * minute
/** A server that is not there is waited for by the gateway as long as TCP does, which then says so. */
const longestTestMs = 5 * minute

/** What a person may do with a running gateway, over its control socket. Rejects with `ControlTrouble`. */
export class ControlClient implements Operations {
  readonly #socketPath: string

  constructor(socketPath: string) {
    this.#socketPath = socketPath
  }

  status: Operations['status'] = () => this.#get('/status')
  queue: Operations['queue'] = ({ all, limit }) => this.#get(`/queue?all=${all}&limit=${limit}`)
  message: Operations['message'] = (id) => this.#find(`/messages/${part(id)}`)
  sessions: Operations['sessions'] = (limit) => this.#get(`/sessions?limit=${limit}`)
  session: Operations['session'] = (id) => this.#find(`/sessions/${part(id)}`)
  audit: Operations['audit'] = (limit, filter = {}) => {
    const told = Object.entries(filter).filter(([, value]) => value !== undefined)
    const query = new URLSearchParams(told.map(([name, value]) => [name, String(value)]))
    return this.#get(`/audit?limit=${limit}&${query}`)
  }
  verifyAudit: Operations['verifyAudit'] = async (witnesses) => {
    const { status, value } = await this.#ask({ method: 'POST', path: '/audit/verify', body: { witnesses } })
    if (status !== 200) throw troubleOf(status, value)
    return trusted<AuditVerification>(value)
  }
  supportBundle: Operations['supportBundle'] = () => this.#get('/support-bundle')
  backups: Operations['backups'] = () => this.#get('/backups')
  storages: Operations['storages'] = () => this.#do('GET', '/storages')
  takeOverStorage: Operations['takeOverStorage'] = (storage, wish, who) =>
    this.#do('POST', `/storages/${part(storage)}/take-over`, who, wish, longestCopyMs)
  backupTargets: Operations['backupTargets'] = () => this.#get('/backup-targets')
  sticks: Operations['sticks'] = () => this.#do('GET', '/backup-sticks')
  useStick: Operations['useStick'] = (isWanted, who) => this.#do('PUT', '/backup-sticks', who, { isWanted })
  testBackupTarget: Operations['testBackupTarget'] = (name, who) =>
    this.#do('POST', `/backup-targets/${part(name)}/test`, who, undefined, longestTestMs)
  recoveryCode: Operations['recoveryCode'] = (who) => this.#do('POST', '/recovery-code', who)
  confirmRecovery: Operations['confirmRecovery'] = (typed, who) =>
    this.#do('POST', '/recovery-code/confirm', who, { part: typed })
  devices: Operations['devices'] = () => this.#get('/devices')
  aliases: Operations['aliases'] = () => this.#get('/aliases')
  operators: Operations['operators'] = () => this.#get('/operators')
  tokens: Operations['tokens'] = () => this.#get('/tokens')
  addToken: Operations['addToken'] = ({ name, role, days }, who) =>
    this.#do('POST', '/tokens', who, { name, role, days })
  removeToken: Operations['removeToken'] = (id, who) => this.#do('DELETE', `/tokens/${part(id)}`, who)
  removeSecondFactor: Operations['removeSecondFactor'] = (name, who) =>
    this.#do('DELETE', `/operators/${part(name)}/second-factor`, who)
  claim: Operations['claim'] = () => this.#get('/claim')
  resetBox: Operations['resetBox'] = (who) => this.#do('POST', '/claim/reset', who)
  decommission: Operations['decommission'] = (name, who) => this.#do('POST', '/decommission', who, { name })
  pause: Operations['pause'] = (name, who) => this.#do('POST', `/upstreams/${part(name)}/pause`, who)
  resume: Operations['resume'] = (name, who) => this.#do('POST', `/upstreams/${part(name)}/resume`, who)
  identity: Operations['identity'] = () => this.#get('/identity')
  keepIdentity: Operations['keepIdentity'] = (who) => this.#do('POST', '/identity/keep', who)
  certificate: Operations['certificate'] = (name) => this.#do('GET', `/upstreams/${part(name)}/certificate`)
  azureScript: Operations['azureScript'] = ({ upstream, isLost }) => {
    const one = upstream === undefined ? '' : `&upstream=${part(upstream)}`
    return this.#do('GET', `/azure-script?lost=${isLost}${one}`)
  }
  certificateRequest: Operations['certificateRequest'] = (name) =>
    this.#do('GET', `/upstreams/${part(name)}/certificate-request`)
  replaceSecret: Operations['replaceSecret'] = (name, who) =>
    this.#do('POST', `/upstreams/${part(name)}/certificate/replace-secret`, who)
  renewCertificate: Operations['renewCertificate'] = (name, who) =>
    this.#do('POST', `/upstreams/${part(name)}/certificate/renew`, who)
  cancelCertificate: Operations['cancelCertificate'] = (name, who) =>
    this.#do('DELETE', `/upstreams/${part(name)}/certificate/next`, who)
  card: Operations['card'] = (name) => this.#do('GET', `/devices/${part(name)}/card`)

  device: Operations['device'] = (name) => this.#do('GET', `/devices/${part(name)}`)
  findDevice: Operations['findDevice'] = (name) => this.#do('GET', `/devices/${part(name)}/whereabouts`)
  sightings: Operations['sightings'] = () => this.#get('/sightings')
  takeOver: Operations['takeOver'] = () => this.#get('/takeover')
  alerts: Operations['alerts'] = () => this.#get('/alerts')
  testAlert: Operations['testAlert'] = (who) => this.#do('POST', '/alerts/test', who)
  health: Operations['health'] = () => this.#get('/health')
  calendar: Operations['calendar'] = () => this.#get('/calendar')
  closeTakeOver: Operations['closeTakeOver'] = (who) => this.#do('DELETE', '/takeover', who)
  adopt: Operations['adopt'] = (wish, who) => this.#do('POST', '/sightings/adopt', who, wish)

  network: Operations['network'] = () => this.#get('/network')
  tryNetwork: Operations['tryNetwork'] = (network, who) =>
    network === null
      ? this.#do('DELETE', '/network', who)
      : this.#do('POST', '/network/try', who, { network })
  keepNetwork: Operations['keepNetwork'] = (via, who) => this.#do('POST', '/network/keep', who, { via })
  undoNetwork: Operations['undoNetwork'] = (who) => this.#do('POST', '/network/undo', who)
  forgetAddress: Operations['forgetAddress'] = (address, who) =>
    this.#do('DELETE', `/network/told/${part(address)}`, who)
  setClock: Operations['setClock'] = (wallMs, who) => this.#do('PUT', '/clock', who, { wallMs })

  updates: Operations['updates'] = () => this.#get('/update')
  checkUpdate: Operations['checkUpdate'] = (who) => this.#do('POST', '/update/check', who)
  fetchUpdate: Operations['fetchUpdate'] = (from, who) =>
    this.#do(
      'POST',
      '/update/fetch',
      who,
      from.kind === 'url' ? { url: from.url } : { stick: `${from.storage}/${from.file}` },
    )
  beginBundle: Operations['beginBundle'] = (octets, who) =>
    this.#do('POST', '/update/upload', who, { octets })
  updateSticks: Operations['updateSticks'] = () => this.#do('GET', '/update/sticks')
  installUpdate: Operations['installUpdate'] = (isNow, who) =>
    this.#do('POST', '/update/install', who, { isNow })
  cancelUpdate: Operations['cancelUpdate'] = (who) => this.#do('POST', '/update/cancel', who)
  rollBackUpdate: Operations['rollBackUpdate'] = (who) => this.#do('POST', '/update/rollback', who)
  fleet: Operations['fleet'] = () => this.#get('/fleet')
  managed: Operations['managed'] = () => this.#get('/fleet/managed')
  pullFleet: Operations['pullFleet'] = (who) => this.#do('POST', '/fleet/pull', who)
  fleetIdentity: Operations['fleetIdentity'] = () => this.#do('GET', '/fleet/identity')
  fleetBoxes: Operations['fleetBoxes'] = () => this.#get('/fleet/boxes')

  home: Operations['home'] = () => this.#get('/home')
  deviceSheet: Operations['deviceSheet'] = (name) => this.#do('GET', `/devices/${part(name)}/sheet`)
  deviceHistory: Operations['deviceHistory'] = (name) => this.#do('GET', `/devices/${part(name)}/history`)
  editDevice: Operations['editDevice'] = (name, change, who, revision) =>
    this.#do('PUT', `/devices/${part(name)}/settings`, who, { change, revision })
  raiseLimit: Operations['raiseLimit'] = (name, perHour, until, who) =>
    this.#do('POST', `/devices/${part(name)}/limit`, who, { perHour, until })
  replaceDevice: Operations['replaceDevice'] = (name, who) =>
    this.#do('POST', `/devices/${part(name)}/replace`, who)
  printCard: Operations['printCard'] = (name, address, who) =>
    this.#do('POST', `/devices/${part(name)}/print-card`, who, { address })
  boxAddresses: Operations['boxAddresses'] = () => this.#get('/addresses')
  confirmAddress: Operations['confirmAddress'] = (address, isReserved, who) =>
    this.#do('PUT', `/addresses/${part(address)}`, who, { isReserved })
  search: Operations['search'] = ({ q, isOpen, device, state, limit, cursor }) => {
    const words = { q, limit: String(limit), ...(isOpen && { open: 'true' }) }
    const where = { ...(device && { device }), ...(state && { state }), ...(cursor && { cursor }) }
    return this.#do('GET', `/search?${new URLSearchParams({ ...words, ...where })}`)
  }
  story: Operations['story'] = (id) => this.#find(`/messages/${part(id)}/story`)
  drop: Operations['drop'] = (selector, who) => this.#do('POST', '/queue/drop', who, { selector })
  undoDrop: Operations['undoDrop'] = (selector, who) =>
    this.#do('POST', '/queue/undo-drop', who, { selector })
  upstreamSheet: Operations['upstreamSheet'] = (name) => this.#do('GET', `/upstreams/${part(name)}`)
  editUpstream: Operations['editUpstream'] = (name, change, who, revision) =>
    this.#do('PUT', `/upstreams/${part(name)}/settings`, who, { change, revision })
  addUpstream: Operations['addUpstream'] = (row, who, revision) =>
    this.#do('POST', '/upstreams', who, { row, revision })
  removeUpstream: Operations['removeUpstream'] = (name, who, revision) =>
    this.#do(
      'DELETE',
      `/upstreams/${part(name)}${revision === undefined ? '' : `?revision=${revision}`}`,
      who,
    )
  settingsSheet: Operations['settingsSheet'] = () => this.#get('/settings')
  editSettings: Operations['editSettings'] = (table, change, who, revision) =>
    this.#do('PUT', `/settings/${part(table)}`, who, { change, revision })

  rehearse: Operations['rehearse'] = (name) => this.#do('GET', `/upstreams/${part(name)}/rehearsal`)

  report: Operations['report'] = (kind, { month, upstream }) => {
    const query = new URLSearchParams({ ...(month && { month }), ...(upstream && { upstream }) })
    return this.#do('GET', `/reports/${kind}?${query}`)
  }

  cures: Operations['cures'] = () => this.#get('/cures')
  undoCure: Operations['undoCure'] = (id, who) => this.#do('DELETE', `/cures/${part(id)}`, who)
  cure: Operations['cure'] = (session, who, { forMs, name }) => {
    const wish = { ...(forMs !== undefined && { forMs }), ...(name !== undefined && { name }) }
    return this.#do('POST', `/sessions/${part(session)}/cure`, who, wish)
  }

  openTakeOver(subnet: string, forMs: number, who: string): Promise<Done<{ readonly leftMs: number }>> {
    return this.#do('POST', '/takeover', who, { subnet, forMs })
  }

  act(action: QueueAction, selector: string, who: string): Promise<Done<{ readonly count: number }>> {
    return this.#do('POST', '/queue/actions', who, { action, selector })
  }

  sendTest(device: string, to: string): Promise<Done<{ readonly message: string }>> {
    return this.#do('POST', '/test-messages', undefined, { device, to })
  }

  async doctor(): Promise<Diagnosis> {
    const { status, value } = await this.#ask({ method: 'POST', path: '/doctor', body: {} })
    if (status !== 200) throw troubleOf(status, value)
    return trusted<Diagnosis>(value)
  }

  sendThrough(upstream: string, to: string): Promise<Done<{ readonly message: string }>> {
    return this.#do('POST', `/upstreams/${part(upstream)}/test-messages`, undefined, { to })
  }

  addDevice(wish: DeviceWish, who: string): Promise<Done<DeviceCard>> {
    return this.#do('POST', '/devices', who, wish)
  }

  removeDevice(name: string, who: string): Promise<Done> {
    return this.#do('DELETE', `/devices/${part(name)}`, who)
  }

  rotateDevice(name: string, strong: boolean, who: string): Promise<Done<DeviceCard>> {
    return this.#do('POST', `/devices/${part(name)}/rotate`, who, { strong })
  }

  addAlias(name: string, to: readonly string[], who: string): Promise<Done> {
    return this.#do('POST', '/aliases', who, { name, to })
  }

  removeAlias(name: string, who: string): Promise<Done> {
    return this.#do('DELETE', `/aliases/${part(name)}`, who)
  }

  addOperator(name: string, role: string, password: string, who: string): Promise<Done> {
    return this.#do('POST', '/operators', who, { name, role, password })
  }

  setOperatorPassword(name: string, password: string, who: string): Promise<Done> {
    return this.#do('PUT', `/operators/${part(name)}/password`, who, { password })
  }

  removeOperator(name: string, who: string): Promise<Done> {
    return this.#do('DELETE', `/operators/${part(name)}`, who)
  }

  forget(address: string, who: string): Promise<Done<{ readonly count: number }>> {
    return this.#do('POST', '/forget', who, { address })
  }

  async exportSetup(): Promise<string> {
    return (await this.#get<{ readonly text: string }>('/setup')).text
  }

  async applySetup(
    text: string,
    { check, who }: { readonly check: boolean; readonly who: string },
  ): Promise<ApplyResult> {
    const { status, value } = await this.#ask({ method: 'POST', path: '/setup', body: { text, check }, who })
    if (status === 413) return tooLarge(errorOf(value))
    if (status !== 200 && status !== 422) throw troubleOf(status, value)
    return trusted<ApplyResult>(value)
  }

  async makeBackup(wish: BackupWish, who: string): Promise<Done<BackupOctets>> {
    const ask = { method: 'POST', path: '/backups', body: wish, who, silenceMs: longestCopyMs } as const
    const answer = await askControl(this.#socketPath, ask)
    if (answer.statusCode !== 200) return this.#refusedDownload(answer)
    const [, name = 'backup'] = /filename="([^"]+)"/.exec(answer.headers['content-disposition'] ?? '') ?? []
    return { kind: 'done', name, octets: answer }
  }

  async backupFile(name: string, who: string): Promise<Done<{ readonly octets: AsyncIterable<Uint8Array> }>> {
    const ask = { method: 'GET', path: `/backups/${part(name)}`, who } as const
    const answer = await askControl(this.#socketPath, ask)
    return answer.statusCode === 200 ? { kind: 'done', octets: answer } : this.#refusedDownload(answer)
  }

  async restore(
    octets: AsyncIterable<Uint8Array>,
    wish: RestoreWish,
    who: string,
  ): Promise<Done<{ readonly restored: RestoreView }>> {
    const upload = { wish: `${JSON.stringify(wish)}\n`, octets }
    const ask = { method: 'POST', path: '/restore', upload, who, silenceMs: longestCopyMs } as const
    const answer = await askControl(this.#socketPath, ask)
    if (answer.statusCode !== 200) return this.#refusedDownload(answer)
    return trusted(await readJson(answer))
  }

  async uploadBundle(
    offset: number,
    octets: AsyncIterable<Uint8Array>,
    who: string,
  ): Promise<Done<{ readonly offset: number }>> {
    const path = `/update/upload/${offset}`
    const ask = { method: 'POST', path, upload: { wish: '', octets }, who, silenceMs: longestCopyMs } as const
    const answer = await askControl(this.#socketPath, ask)
    if (answer.statusCode !== 200) return this.#refusedDownload(answer)
    return trusted(await readJson(answer))
  }

  async content(id: string, who?: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const path = `/messages/${part(id)}/content`
    const answer = await askControl(this.#socketPath, {
      method: 'GET',
      path,
      ...(who !== undefined && { who }),
    })
    if (answer.statusCode === 200) return answer
    const value = await readJson(answer)
    if (answer.statusCode === 404) return undefined
    throw troubleOf(answer.statusCode, value)
  }

  async #refusedDownload(answer: Awaited<ReturnType<typeof askControl>>): Promise<Refused> {
    const value = await readJson(answer)
    const isRefused = answer.statusCode === 404 || answer.statusCode === 409 || answer.statusCode === 422
    if (!isRefused) throw troubleOf(answer.statusCode, value)
    const isWrong = answer.statusCode === 422 && { isWrongInput: true }
    return { kind: 'refused', reason: errorOf(value), ...isWrong }
  }

  async #get<T>(path: string): Promise<T> {
    const { status, value } = await this.#ask({ method: 'GET', path })
    if (status !== 200) throw troubleOf(status, value)
    return trusted<T>(value)
  }

  async #find<T>(path: string): Promise<T | undefined> {
    const { status, value } = await this.#ask({ method: 'GET', path })
    if (status === 404) return undefined
    if (status !== 200) throw troubleOf(status, value)
    return trusted<T>(value)
  }

  async #do<T>(
    method: ControlAsk['method'],
    path: string,
    who?: string,
    body?: object,
    silenceMs?: number,
  ): Promise<Done<T>> {
    const ask = {
      method,
      path,
      ...(who !== undefined && { who }),
      ...(body && { body }),
      ...(silenceMs !== undefined && { silenceMs }),
    }
    const { status, value } = await this.#ask(ask)
    const refused = { kind: 'refused', reason: errorOf(value), ...troubleIn(value) } as const
    if (status === 409) return refused
    if (status === 422) return { ...refused, isWrongInput: true }
    if (status !== 200) throw troubleOf(status, value)
    return trusted<Done<T>>(value)
  }

  async #ask(ask: ControlAsk): Promise<{ readonly status: number | undefined; readonly value: unknown }> {
    const answer = await askControl(this.#socketPath, ask)
    return { status: answer.statusCode, value: await readJson(answer) }
  }
}

/** The peer is this same program behind a socket that only its own user may open: its shapes are those of `Operations`. */
const trusted = <T>(value: unknown): T => value as T

/** No document of a thousand devices comes near it: the file is another one. */
const tooLarge = (sentence: string): ApplyResult => ({
  kind: 'invalid',
  remarks: [{ severity: 'error', place: 'size', sentence }],
})

const errorOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'error' in value ? String(value.error) : 'no reason given'

const troubleIn = (value: unknown): Pick<Refused, 'trouble'> =>
  typeof value === 'object' && value !== null && 'trouble' in value
    ? { trouble: trusted<EditTrouble>(value.trouble) }
    : {}

const troubleOf = (status: number | undefined, value: unknown): ControlTrouble =>
  new ControlTrouble(`the gateway answered ${status}: ${errorOf(value)}`)
