import type { WallMs } from './time.ts'

/** How the machine under the gateway is. What a machine does not tell is not there: nothing is guessed. */
export interface MachineHealth {
  readonly machine: { readonly manufacturer: string; readonly model: string; readonly serial: string }
  readonly uptimeMs?: number
  /** Degrees Celsius, of the warmest sensor. */
  readonly temperature?: number
  /** Of a Raspberry Pi. */
  readonly power?: PowerHistory
  /** It works slower than it could, to stay cool. */
  readonly throttling?: Throttling
  /** Octets. */
  readonly memory?: Memory
  /** Octets that the gateway itself holds. */
  readonly ownMemory: number
  readonly load?: { readonly perMinute: number; readonly per15Minutes: number; readonly processors: number }
  /** Of the data directory, in octets. */
  readonly disk?: Disk
  /** The file system that the data directory is on. */
  readonly fileSystem?: FileSystem
  readonly flash?: Flash
  readonly time: TimeSource
  readonly network: readonly NetworkPort[]
  /** Address of the router. */
  readonly router?: string
  readonly nameServers: readonly string[]
}

export const powerTroubles = ['undervoltage', 'frequency-capped', 'throttled', 'too-warm'] as const
export type PowerTrouble = (typeof powerTroubles)[number]

export interface PowerHistory {
  readonly now: readonly PowerTrouble[]
  /** Since the machine was switched on. */
  readonly sinceBoot: readonly PowerTrouble[]
}

export interface Throttling {
  readonly isNow: boolean
  /** How often since the machine was switched on, of a processor that counts it. */
  readonly sinceBoot?: number
}

export interface Memory {
  readonly total: number
  readonly available: number
  readonly swapUsed: number
  /** Percent of the last minute in which something, or everything, waited for memory; a kernel may not tell. */
  readonly pressure?: { readonly some: number; readonly full: number }
}

export interface Disk {
  readonly total: number
  readonly free: number
  /** As it fills now, until mail is refused; absent: it does not fill, or too little was seen of it. */
  readonly hoursLeft?: number
}

export interface FileSystem {
  /** It takes no writes, by its settings or because the kernel found it damaged. */
  readonly isReadOnly: boolean
  /** Faults that the kernel found in it since it was last repaired: ext4 counts them. */
  readonly errors?: number
  readonly firstErrorAt?: WallMs
  readonly lastErrorAt?: WallMs
}

/** What holds the data directory. */
export interface Flash {
  readonly device: string
  /** As the card says it of itself; empty where it does not. */
  readonly model: string
  /** Octets since the machine was switched on, and since the file system was made. */
  readonly writtenSinceBoot?: number
  readonly writtenEver?: number
  /** How much of its life is used up at most, in percent: eMMC tells it in steps of ten. */
  readonly lifeUsed?: number
  /** The reserve of eMMC is used up to this degree. */
  readonly reserve?: 'normal' | 'low' | 'nearly-gone'
}

export interface TimeSource {
  readonly believable: boolean
  /** Whether the time service has heard from a server since boot; absent: none that tells. */
  readonly synchronised?: boolean
  /** There is a clock that runs without power. */
  readonly hasBattery: boolean
}

export interface NetworkPort {
  readonly name: string
  readonly isUp: boolean
  readonly addresses: readonly string[]
  readonly mac: string
  /** Megabits a second, of a cable. */
  readonly speed?: number
  /** dBm, of a radio: -50 is strong, -80 hardly there. */
  readonly signal?: number
  /** Frames that came damaged since boot. */
  readonly damaged?: number
}

export type HealthState = 'ok' | 'attention' | 'trouble'

/**
 * What of it a person should look at. Limits: a Pi slows down at 80 °C and stops being fast at 85; below 5 % of memory,
 * or where everything waits for memory a tenth of the time, everything slows down.
 */
export const healthStates = {
  temperature: (celsius: number, throttling?: Throttling): HealthState =>
    celsius >= 80 || throttling?.isNow === true ? 'trouble' : celsius >= 70 ? 'attention' : 'ok',
  power: ({ now, sinceBoot }: PowerHistory): HealthState =>
    now.length > 0 ? 'trouble' : sinceBoot.length > 0 ? 'attention' : 'ok',
  memory: ({ total, available, pressure = calm }: Omit<Memory, 'swapUsed'>): HealthState =>
    available < total * 0.05 || pressure.full >= 10
      ? 'trouble'
      : available < total * 0.1 || pressure.some >= 20
        ? 'attention'
        : 'ok',
  load: ({
    per15Minutes,
    processors,
  }: {
    readonly per15Minutes: number
    readonly processors: number
  }): HealthState => (per15Minutes > processors * 2 ? 'attention' : 'ok'),
  /** The box refuses mail at the lower of them. */
  disk: ({ free, hoursLeft = Number.POSITIVE_INFINITY }: Omit<Disk, 'total'>): HealthState =>
    free < 500e6 || hoursLeft < 12 ? 'trouble' : free < 2e9 || hoursLeft < 48 ? 'attention' : 'ok',
  fileSystem: ({ isReadOnly, errors = 0 }: FileSystem): HealthState =>
    isReadOnly ? 'trouble' : errors > 0 ? 'attention' : 'ok',
  flash: ({ lifeUsed = 0, reserve = 'normal' }: Flash): HealthState =>
    lifeUsed >= 100 || reserve === 'nearly-gone'
      ? 'trouble'
      : lifeUsed >= 80 || reserve === 'low'
        ? 'attention'
        : 'ok',
  time: ({ believable, synchronised }: TimeSource): HealthState =>
    !believable ? 'trouble' : synchronised === false ? 'attention' : 'ok',
  signal: (dBm: number): HealthState => (dBm < -80 ? 'trouble' : dBm < -70 ? 'attention' : 'ok'),
} as const

const calm = { some: 0, full: 0 }
const order: readonly HealthState[] = ['ok', 'attention', 'trouble']

/** The worst of everything that is known. */
export function worstOf(health: MachineHealth): HealthState {
  const { temperature, power, throttling, memory, load, disk, fileSystem, flash, time, network } = health
  const states = [
    ...(temperature === undefined ? [] : [healthStates.temperature(temperature, throttling)]),
    ...(power ? [healthStates.power(power)] : []),
    ...(memory ? [healthStates.memory(memory)] : []),
    ...(load ? [healthStates.load(load)] : []),
    ...(disk ? [healthStates.disk(disk)] : []),
    ...(fileSystem ? [healthStates.fileSystem(fileSystem)] : []),
    ...(flash ? [healthStates.flash(flash)] : []),
    healthStates.time(time),
    ...network.flatMap(({ signal }) => (signal === undefined ? [] : [healthStates.signal(signal)])),
  ]
  return order.findLast((state) => states.includes(state)) ?? 'ok'
}
