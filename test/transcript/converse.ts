// Plays a dialogue written as a page of an RFC: `C:` what the device says, `S:` what the box must answer.
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'

interface Step {
  readonly who: 'C' | 'S'
  readonly text: string
}

/**
 * Runs `script` against a port of 127.0.0.1. Lines: `C: text` is sent with CRLF (`C- text` without waiting for what came
 * before: pipelined), `S: text` must be the next line of the box; `…` in it stands for anything. `S* text` skips the box's
 * lines until one matches. Gives the dialogue as it went.
 */
export async function converse(port: number, script: string, from = '127.0.0.1'): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  const lines = linesOf(socket)
  const course: string[] = []
  try {
    for (const step of stepsOf(script)) {
      if (step.who === 'C') {
        socket.write(`${step.text}\r\n`)
        course.push(`C: ${step.text}`)
      } else {
        await expect(lines, step.text, course)
      }
    }
  } finally {
    socket.destroy()
  }
  return course.join('\n')
}

function stepsOf(script: string): readonly Step[] {
  return script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const match = /^([CS])([:*]) ?(.*)$/.exec(line)
      assert.ok(match, `not a line of a dialogue: ${line}`)
      return { who: match[1] === 'C' ? 'C' : 'S', text: `${match[2] === '*' ? '*' : ''}${match[3]}` }
    })
}

async function expect(lines: AsyncIterator<string>, wanted: string, course: string[]): Promise<void> {
  const maySkip = wanted.startsWith('*')
  const pattern = patternOf(maySkip ? wanted.slice(1) : wanted)
  for (;;) {
    const { value, done } = await lines.next()
    assert.ok(!done, `the box hung up instead of: ${wanted}\n${course.join('\n')}`)
    course.push(`S: ${value}`)
    if (pattern.test(value)) return
    assert.ok(maySkip, `expected: ${wanted}\n${course.join('\n')}`)
  }
}

const patternOf = (text: string): RegExp =>
  new RegExp(
    `^${text
      .split('…')
      .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  )

async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let rest = ''
  for await (const octets of socket) {
    rest += (octets as Buffer).toString('latin1')
    for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
      yield rest.slice(0, end)
      rest = rest.slice(end + 2)
    }
  }
}
