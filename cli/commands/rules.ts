import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { GroupSpec } from '../../proto/gen/chester/v1/GroupSpec.ts';
import type { QueryRuleSpec } from '../../proto/gen/chester/v1/QueryRuleSpec.ts';
import type { ScalingPolicy } from '../../proto/gen/chester/v1/ScalingPolicy.ts';
import { callCoordinator } from '../call.ts';
import { declaredFields } from '../declarations.ts';
import { readDeclaredValue, sourceName } from '../declared-file.ts';
import { CliError } from '../errors.ts';
import { renderJson } from '../json.ts';
import type { MessageSchema } from '../message-schema.ts';
import { listFormats, type OutputFlags, writeAnswer } from '../output.ts';
import { renderRules } from '../render-parts.ts';
import { addCallFlags, type CallFlags, formatOption, parseCounter, parseInt32 } from '../settings.ts';
import type { Shell } from '../shell.ts';

type ViewFlags = CallFlags & OutputFlags;
type ChangeFlags = CallFlags & { readonly expectedVersion: number };

/** Adds `chester rules` and `chester policy`. */
export function addRules(program: Command, shell: Shell): void {
  const rules = program.command('rules').description("see and change a group's query rules");
  addCallFlags(rules.command('list'))
    .description('list the rules in the order in which ProxySQL asks them')
    .argument('<group>')
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester rules list orders')
    .action(async (group: string, flags: ViewFlags) => {
      const found = await callCoordinator(shell, flags, (client) =>
        client.all('listQueryRules', { group }, (answer) => answer.queryRules),
      );
      writeAnswer(shell, flags, { json: { queryRules: found }, render: (style) => renderRules(found, style) });
    });
  addChange(rules.command('add'), 'add a rule, as YAML with the fields of queryRules')
    .requiredOption('-f, --file <file>', 'the rule; - reads stdin')
    .option('--before <id>', 'before the rule that has this id now; left out: after all others', parseInt32, 0)
    .addHelpText(
      'after',
      `\nExample:\n  echo '{username: app, matchDigest: "^SELECT", destination: reader, apply: true}' | chester rules add orders -f -`,
    )
    .action(async (group: string, flags: ChangeFlags & { readonly file: string; readonly before: number }) => {
      const rule = (await readDeclaredValue(shell, flags.file, 'QueryRuleSpec')) as QueryRuleSpec;
      const request = { group, rule, beforeRuleId: flags.before, expectedVersion: flags.expectedVersion };
      const answer = await callCoordinator(shell, flags, (client) => client.call('addQueryRule', request));
      shell.write(`group ${group}: rule added, version ${answer.version}\n`);
    });
  addChange(rules.command('delete'), 'drop a rule; those behind it may get other ids')
    .argument('<id>', 'as `chester rules list` shows it', parseInt32)
    .addHelpText('after', '\nExample:\n  chester rules delete orders 102')
    .action(async (group: string, ruleId: number, { expectedVersion, ...flags }: ChangeFlags) => {
      const request = { group, ruleId, expectedVersion };
      const answer = await callCoordinator(shell, flags, (client) => client.call('deleteQueryRule', request));
      shell.write(`group ${group}: rule ${ruleId} leaves, version ${answer.version}\n`);
    });
  addWholeRules(rules, shell);
  addPolicy(program, shell);
}

/** All rules at once, and the range of their ids. */
function addWholeRules(rules: Command, shell: Shell): void {
  addCallFlags(rules.command('get'))
    .description('print the rules and their ids, as `put` takes them back')
    .argument('<group>')
    .addOption(formatOption(['yaml', 'json']))
    .addHelpText('after', '\nExample:\n  chester rules get orders > rules.yaml')
    .action(async (group: string, flags: ViewFlags) => {
      const { spec, version } = await callCoordinator(shell, flags, (client) => client.getGroup(group));
      writeDeclared(shell, flags, { declared: declaredFields(spec ?? {}, await loadRulesSchema()), version });
    });
  addChange(rules.command('put'), 'replace all rules, as YAML with queryRules and, if they change, ruleIds')
    .requiredOption('-f, --file <file>', 'the rules; - reads stdin')
    .addHelpText(
      'after',
      '\nExample:\n  chester rules get orders > rules.yaml\n  chester rules put orders -f rules.yaml',
    )
    .action(async (group: string, { file, expectedVersion, ...flags }: ChangeFlags & { readonly file: string }) => {
      const declared = (await readDeclaredValue(shell, file, await loadRulesSchema())) as GroupSpec;
      const { queryRules, ruleIds = null } = declared;
      if (queryRules === undefined) {
        throw new CliError(
          'INVALID',
          `${sourceName(file)}: queryRules is missing; allowed: all rules of the group, [] for none`,
        );
      }
      const request = { group, queryRules, ruleIds, expectedVersion };
      const answer = await callCoordinator(shell, flags, (client) => client.call('putQueryRules', request));
      shell.write(`group ${group}: ${queryRules.length} rules stored, version ${answer.version}\n`);
    });
}

function addPolicy(program: Command, shell: Shell): void {
  const policy = program.command('policy').description("see and change a group's scaling policy");
  addCallFlags(policy.command('get'))
    .description('print the policy, as `put` takes it back')
    .argument('<group>')
    .addOption(formatOption(['yaml', 'json']))
    .addHelpText('after', '\nExample:\n  chester policy get orders > policy.yaml')
    .action(async (group: string, flags: ViewFlags) => {
      const { policy, version } = await callCoordinator(shell, flags, (client) => client.call('getPolicy', { group }));
      const { loadMessageSchema } = await import('../message-schema.ts');
      const declared = declaredFields(policy ?? {}, loadMessageSchema('ScalingPolicy'));
      writeDeclared(shell, flags, { declared, version });
    });
  addChange(policy.command('put'), 'replace the policy, as YAML with the fields of policy')
    .requiredOption('-f, --file <file>', 'the policy; - reads stdin')
    .addHelpText(
      'after',
      `\nWhat the file leaves out gets its default, so begin with what is there:\n  chester policy get orders > policy.yaml\n  chester policy put orders -f policy.yaml`,
    )
    .action(async (group: string, flags: ChangeFlags & { readonly file: string }) => {
      const declared = (await readDeclaredValue(shell, flags.file, 'ScalingPolicy')) as ScalingPolicy;
      const request = { group, policy: declared, expectedVersion: flags.expectedVersion };
      const answer = await callCoordinator(shell, flags, (client) => client.call('putPolicy', request));
      shell.write(`group ${group}: policy stored, version ${answer.version}\n`);
    });
}

/** What of a group's declaration is about its rules. */
async function loadRulesSchema(): Promise<MessageSchema> {
  const { loadDeclarationSchemas } = await import('../message-schema.ts');
  const { group } = loadDeclarationSchemas();
  return new Map([...group].filter(([name]) => name === 'ruleIds' || name === 'queryRules'));
}

function writeDeclared(
  shell: Shell,
  { output }: ViewFlags,
  { declared, version }: { readonly declared: object; readonly version: number },
): void {
  const before = `# version ${version}: --expected-version ${version} refuses to replace a newer one\n`;
  shell.write(output === 'json' ? renderJson(declared) : before + stringify(declared, { lineWidth: 0 }));
}

function addChange(command: Command, description: string): Command {
  return addCallFlags(command)
    .description(description)
    .argument('<group>')
    .option('--expected-version <n>', 'refuse when the group is at another version', parseCounter, 0);
}
