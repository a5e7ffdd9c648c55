/** One measured thing with all its label combinations (Prometheus text exposition format 0.0.4). */
export interface MetricFamily {
  /** Without the prefix `inkpost_`; counters end in `_total`. */
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly samples: readonly MetricSample[]
}

export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const metricName = /^[a-z_][a-z0-9_]*$/

/** Families as text; a family without samples is left out. Throws for a name that no scraper would take. */
export function exposition(families: readonly MetricFamily[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(familyText)
    .join('')
}

function familyText({ name, help, type, samples }: MetricFamily): string {
  if (!metricName.test(name)) throw new TypeError(`no metric name: ${name}`)
  const full = `inkpost_${name}`
  const lines = samples.map(({ labels, value }) => `${full}${labelText(labels)} ${numberText(value)}\n`)
  return `# HELP ${full} ${escapeHelp(help)}\n# TYPE ${full} ${type}\n${lines.join('')}`
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    if (!metricName.test(name)) throw new TypeError(`no label name: ${name}`)
    return `${name}="${escapeLabel(value)}"`
  })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
const escapeLabel = (text: string): string => escapeHelp(text).replaceAll('"', '\\"')

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return String(value)
}
