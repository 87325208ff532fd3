/** `factorial completion`: what a shell sources to complete our commands and options, made from the commands themselves. */
import { Argument, type Command } from 'commander';
import type { Cli } from '../cli.ts';

const examples = `
Examples:
  source <(factorial completion bash)                                for this shell
  factorial completion bash > ~/.local/share/bash-completion/completions/factorial
  source <(factorial completion zsh)                                 after compinit`;

/** What may follow each command, by its words: `dead-letters redrive` → `--all --pool …`. */
export const wordsByCommand = (program: Command): ReadonlyMap<string, readonly string[]> => {
  const words = new Map<string, readonly string[]>();
  const optionsOf = (command: Command): string[] =>
    command.options.flatMap(({ long, hidden }) => (long != null && !hidden ? [long] : []));
  const visit = (command: Command, path: readonly string[]): void => {
    const names = command.commands.map((child) => child.name());
    const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
    const ofParents = path.length > 0 ? optionsOf(program) : [];
    words.set(path.join(' '), [...names, ...choices, ...optionsOf(command), ...ofParents, '--help']);
    for (const child of command.commands) visit(child, [...path, child.name()]);
  };
  visit(program, []);
  return words;
};

const caseOf = ([path, words]: [string, readonly string[]]): string =>
  `    '${path}') words='${words.join(' ')}' ;;`;

/** The path is made of the words so far that are commands: options and their values are no part of it. */
const script = (program: Command): string => {
  const words = wordsByCommand(program);
  const paths = [...words.keys()].filter(Boolean).map((path) => `'${path}'`);
  return `# Completion for factorial, for bash and (by bashcompinit) zsh.
_factorial() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' words='' word longer i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    longer="\${path:+$path }$word"
    case "$longer" in
      ${paths.join(' | ')}) path="$longer" ;;
    esac
  done
  case "$path" in
${[...words].map(caseOf).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _factorial factorial
`;
};

const forZsh = 'autoload -U +X bashcompinit && bashcompinit\n';

export const addCompletion = (program: Command, cli: Cli): void => {
  program
    .command('completion')
    .summary('print completion for a shell')
    .description('Prints what bash or zsh needs to complete commands and options.')
    .addArgument(new Argument('<shell>', 'which one').choices(['bash', 'zsh']))
    .addHelpText('after', examples)
    .action((shell: string) => {
      cli.stdout.write(`${shell === 'zsh' ? forZsh : ''}${script(program)}`);
    });
};
