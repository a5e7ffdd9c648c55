// The table of rooms (docs/architecture.md): who may import whom. Tests beside the code are free.
const rooms = {
  core: [],
  message: ['core'],
  platform: ['core'],
  settings: ['core', 'platform'],
  spool: ['core', 'platform'],
  certificates: ['core', 'platform'],
  backup: ['core', 'platform'],
  submission: ['core', 'message', 'platform'],
  upstream: ['core', 'message', 'platform'],
  delivery: ['core', 'message', 'platform'],
  health: ['core', 'platform'],
  papers: ['core'],
  update: ['core', 'platform'],
  fleet: ['core', 'platform'],
  console: ['core', 'settings/schema\\.ts$'],
  commands: ['core', 'platform', 'gateway\\.ts$'],
}
// Each npm package is known by one room; better-sqlite3 is the spool's, the settings' and the database opener's.
const packages = {
  'better-sqlite3': '^src/(spool|settings)/|^src/platform/database',
  'smtp-server': '^src/submission/',
  nodemailer: '^src/upstream/',
  '@azure': '^src/upstream/',
  'node-forge': '^src/certificates/',
  'postal-mime': '^src/message/',
  valibot: '^src/settings/|^appliance/machine/',
  'smol-toml': '^src/settings/',
  commander: '^src/(commands|main)',
  systeminformation: '^src/platform/',
  preact: '^web-ui/',
  '@preact/signals': '^web-ui/',
  lucide: '^web-ui/',
  uqr: '^web-ui/|^appliance/screen/',
}
// The console's pages run in a browser: of the gateway they know its words alone.
const pagesMayImport = ['^web-ui/', '^src/core/', '^src/settings/schema\\.ts$']
const tests = '\\.(test|fixture)\\.ts$'

export default {
  forbidden: [
    ...Object.entries(rooms).map(([room, may]) => ({
      name: room,
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: tests },
      to: {
        path: '^(src|test|tools)/',
        pathNot: [room, ...may].map((name) => `^src/${name}${name.endsWith('$') ? '' : '/'}`),
      },
    })),
    {
      name: 'web-ui',
      severity: 'error',
      from: { path: '^web-ui/', pathNot: tests },
      to: { path: '^(src|test|tools|web-ui)/', pathNot: pagesMayImport },
    },
    {
      name: 'appliance',
      severity: 'error',
      from: { path: '^appliance/', pathNot: tests },
      to: { path: '^(src|test|tools|web-ui)/', pathNot: ['^src/core/', '^src/platform/'] },
    },
    {
      name: 'core-is-pure',
      severity: 'error',
      from: { path: '^src/core/', pathNot: tests },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional'] },
    },
    ...Object.entries(packages).map(([name, where]) => ({
      name: `package-${name}`,
      severity: 'error',
      from: { path: '^(src|web-ui|appliance)/', pathNot: [where, tests] },
      to: { path: `node_modules/(@types/)?${name}(/|$)` },
    })),
    { name: 'no-circles', severity: 'error', from: { path: '^(src|web-ui|appliance)/' }, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    // node:ffi is built in and experimental: the tool's list of built-in modules does not have it.
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^(node:)?ffi$' } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
}
