import type { RestoreView, RestoreWish } from '../core/backup-operations.ts'
import type { HeadOffice } from '../core/head-office.ts'
import type { Log } from '../core/log.ts'
import type { ApplyResult, Done, Operations } from '../core/operations.ts'

export interface ReadyListener {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly security: 'plain' | 'starttls' | 'implicit'
  readonly protocol: 'smtp' | 'pop3'
}

/** What `serve` tells of a gateway whose every listener accepts. */
export interface ReadyFacts {
  readonly listeners: readonly ReadyListener[]
  /** URL; empty where there is none. */
  readonly console: string
  /** The device made on first boot, while it is still there: for the welcome only. */
  readonly example?: ExampleDevice | undefined
}

export interface ExampleDevice {
  readonly name: string
  readonly username: string
  readonly password: string
  readonly sender: string | undefined
}

export interface GatewayOptions {
  readonly dataDir: string
  readonly log: Log
  /** A setup document to apply on first boot (`INKPOST_SETUP`, `INKPOST_BOOT`). */
  readonly setupFile: string | undefined
  /** Whether a box without a setup starts without that document too: the one of the boot partition (`INKPOST_BOOT`). */
  readonly maySetupBeAbsent?: boolean
  /** Of systemd (`RUNTIME_DIRECTORY`): where the screen of the box finds what it shows. */
  readonly runtimeFolder?: string | undefined
  /** Fill in `example`, so that a person can try it at once. */
  readonly withExample: boolean
  onReady(facts: ReadyFacts): void
}

/** Disposing stops accepting, finishes or abandons what is in flight and closes the databases. */
export interface RunningGateway extends AsyncDisposable {
  readonly operations: Operations
  /** Resolves when it can't go on and has to be started anew. */
  readonly failed: Promise<Error>
  /** Resolves when it is to be closed: and opened again, to take a restore that was staged; or for ever, decommissioned. */
  readonly again: Promise<'again' | 'over'>
}

export interface StandInOptions {
  readonly dataDir: string
  /** Why the gateway can't start, for a person. */
  readonly reason: string
  readonly log: Log
  readonly signal: AbortSignal
}

/** What the commands need of `gateway.ts`. What opens something rejects with `StartRefused` for what a person can cure. */
export interface GatewayModule {
  startGateway(options: GatewayOptions): Promise<RunningGateway>
  /** In the place of a gateway that `startGateway` refused for its storage, until that can be used or the signal aborts. */
  standIn(options: StandInOptions): Promise<'again' | 'stopped'>
  /** Makes the data directory if it is not there. */
  openOffline(
    dataDir: string,
    world?: { readonly setupFile?: string | undefined },
  ): Promise<Operations & AsyncDisposable>
  /** Ends a decommission that a power cut broke off; what its owner is told, undefined where there was none. */
  finishDecommission(dataDir: string, setupFile: string | undefined): Promise<string | undefined>
  hasData(dataDir: string): boolean
  /** Puts a backup in place where no gateway runs, whatever state the directory is in. */
  restoreBox(
    dataDir: string,
    octets: AsyncIterable<Uint8Array>,
    wish: RestoreWish,
    who: string,
  ): Promise<Done<{ readonly restored: RestoreView }>>
  /** The data of another inkpost in a folder, as `restoreBox` takes it. */
  oldBoxInFolder(
    folder: string,
    dataDir: string,
  ): Promise<Done<{ readonly octets: AsyncIterable<Uint8Array> }>>
  /** What a document would do on a box that has no data yet; makes nothing. */
  checkAlone(dataDir: string, text: string): ApplyResult
  /** What head office does with its folder. */
  headOffice(): Promise<HeadOffice>
}

/** Loaded only where it is needed: most commands speak to a running gateway and never open a database. */
export async function loadGateway(): Promise<GatewayModule> {
  return await import('../gateway.ts')
}

/** The sentence of a `StartRefused`; undefined for any other error, which is a fault of ours. */
export const refusalOf = (error: unknown): string | undefined =>
  error instanceof Error && error.name === 'StartRefused' ? error.message : undefined

/** What was asked for is wrong, not the machine. */
export const isWrongInput = (error: unknown): boolean =>
  error instanceof Error && 'isWrongInput' in error && error.isWrongInput === true

/** The data directory can't be used: that may end by itself. */
export const isStorageTrouble = (error: unknown): boolean =>
  error instanceof Error && 'isStorage' in error && error.isStorage === true
