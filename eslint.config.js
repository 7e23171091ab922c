// Lint: typescript-eslint's strictest preset plus the layer table (docs/architecture.md).
import tseslint from 'typescript-eslint';

/**
 * Which folder may import what, as a pattern on the import path. Later rows win.
 * `apart` keeps the daemons from each other; `edge` keeps the sandbox and the command line on public APIs.
 */
const layers = [
  { files: '{agent,coordinator,injector}/**/*.ts', may: '', why: 'no further limit here' },
  { files: 'process/**/*.ts', may: String.raw`(?!.*/proto/)`, why: 'process/ knows no domain word' },
  {
    files: '*/{adapters,api}/**/*.ts',
    may: String.raw`(?!\.\./(loops/|compose/|main\.ts))`,
    why: 'adapters and api never call loops',
  },
  { files: '*/compose/**/*.ts', may: String.raw`(?!\.\./main\.ts)`, why: 'main calls compose' },
  {
    files: '*/loops/**/*.ts',
    may: String.raw`\./|\.\./(core/|ports\.ts|errors\.ts)|\.\./\.\./process/|node:assert/strict$`,
    why: 'loops reach the world through ports',
  },
  {
    files: '*/ports.ts',
    may: String.raw`\./(core/|errors\.ts)|\.\./process/`,
    why: 'ports speak in core types',
  },
  {
    files: '*/core/**/*.ts',
    may: String.raw`\./|\.\./core/|node:assert/strict$|(croner|zod)$`,
    why: 'core is pure: it imports core, assert and pure libraries',
  },
];
const apart = {
  regex: String.raw`^(\.\./)+(agent|coordinator|injector)/`,
  message: 'agent, coordinator and injector meet only in proto/ and process/',
};
const edge = {
  regex: String.raw`^(\.\./)+(agent|coordinator|injector)/(?!main\.ts|inject\.ts)`,
  message: 'cli/ and sandbox/ see only proto/, process/ and the public APIs',
};
const layerRules = layers.map(({ files, may, why }) => ({
  files: [files],
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: may === '' ? [apart] : [apart, { regex: `^(?!${may})`, message: why }] },
    ],
  },
}));

const noEnvironment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'the environment is read once, in main.ts',
};
const impure = [
  noEnvironment,
  { selector: "CallExpression[callee.object.name='Date']", message: 'core takes nowMs as an argument' },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'core takes nowMs as an argument' },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'core takes random values as arguments',
  },
  { selector: ':function[async=true]', message: 'core is synchronous' },
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'proto/codec/', 'proto/gen/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      complexity: ['error', 12],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      'no-console': 'error',
      'no-restricted-syntax': ['error', noEnvironment],
    },
  },
  ...layerRules,
  { files: ['{cli,sandbox}/**/*.ts'], rules: { 'no-restricted-imports': ['error', { patterns: [edge] }] } },
  {
    files: ['*/core/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'setImmediate', 'fetch'],
      'no-restricted-syntax': ['error', ...impure],
    },
  },
  { files: ['**/main.ts', 'bin/**/*.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'no-restricted-syntax': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', name: ['describe', 'it', 'test'], package: 'node:test' }] },
      ],
    },
  },
);
