import type { Log, LogFields, LogLevel } from '../core/log.ts'

const order: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

/** Writes events of `level` and above as one JSON line each. `now` is the wall clock in ms. */
export function jsonLog(write: (line: string) => void, level: LogLevel, now: () => number): Log {
  return {
    write(of, event, fields) {
      if (order[of] < order[level]) return
      write(`${JSON.stringify({ at: new Date(now()).toISOString(), level: of, event, ...fields })}\n`)
    },
  }
}

export interface GatheredLines {
  write(line: string): void
  /** Writes what waits now. */
  flush(): void
}

/** Puts the lines of one turn of the event loop into one write: each costs a call of the kernel, and wakes the reader. */
export function gatherLines(write: (lines: string) => void): GatheredLines {
  let waiting = ''
  const flush = (): void => {
    const lines = waiting
    waiting = ''
    if (lines !== '') write(lines)
  }
  return {
    write(line) {
      if (waiting === '') setImmediate(flush)
      waiting += line
    },
    flush,
  }
}

/** Hands every event to several logs. */
export function teeLog(...logs: readonly Log[]): Log {
  return {
    write(level: LogLevel, event: string, fields?: LogFields) {
      for (const log of logs) log.write(level, event, fields)
    },
  }
}
