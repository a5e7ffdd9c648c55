/** How the machine under the gateway is. What a machine does not tell is not there: nothing is guessed. */
export interface MachineHealth {
  readonly machine: { readonly manufacturer: string; readonly model: string; readonly serial: string }
  readonly uptimeMs?: number
  /** Degrees Celsius, of the warmest sensor. */
  readonly temperature?: number
  /** Of a Raspberry Pi. */
  readonly power?: PowerHistory
  /** Octets. */
  readonly memory?: { readonly total: number; readonly available: number; readonly swapUsed: number }
  /** Octets that the gateway itself holds. */
  readonly ownMemory: number
  readonly load?: { readonly perMinute: number; readonly per15Minutes: number; readonly processors: number }
  /** Of the data directory, in octets. */
  readonly disk?: { readonly total: number; readonly free: number }
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

/** What of it a person should look at. Limits: a Pi slows down at 80 °C; below 5 % of memory everything slows down. */
export const healthStates = {
  temperature: (celsius: number): HealthState =>
    celsius >= 80 ? 'trouble' : celsius >= 70 ? 'attention' : 'ok',
  power: ({ now, sinceBoot }: PowerHistory): HealthState =>
    now.length > 0 ? 'trouble' : sinceBoot.length > 0 ? 'attention' : 'ok',
  memory: ({ total, available }: { readonly total: number; readonly available: number }): HealthState =>
    available < total * 0.05 ? 'trouble' : available < total * 0.1 ? 'attention' : 'ok',
  load: ({
    per15Minutes,
    processors,
  }: {
    readonly per15Minutes: number
    readonly processors: number
  }): HealthState => (per15Minutes > processors * 2 ? 'attention' : 'ok'),
  /** The box refuses mail at the lower of them. */
  disk: ({ free }: { readonly free: number }): HealthState =>
    free < 500e6 ? 'trouble' : free < 2e9 ? 'attention' : 'ok',
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

const order: readonly HealthState[] = ['ok', 'attention', 'trouble']

/** The worst of everything that is known. */
export function worstOf(health: MachineHealth): HealthState {
  const { temperature, power, memory, load, disk, flash, time, network } = health
  const states = [
    ...(temperature === undefined ? [] : [healthStates.temperature(temperature)]),
    ...(power ? [healthStates.power(power)] : []),
    ...(memory ? [healthStates.memory(memory)] : []),
    ...(load ? [healthStates.load(load)] : []),
    ...(disk ? [healthStates.disk(disk)] : []),
    ...(flash ? [healthStates.flash(flash)] : []),
    healthStates.time(time),
    ...network.flatMap(({ signal }) => (signal === undefined ? [] : [healthStates.signal(signal)])),
  ]
  return order.findLast((state) => states.includes(state)) ?? 'ok'
}
