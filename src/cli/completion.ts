// `sallyport completion bash|zsh`: words for the shell to complete: the commands, and the flags of `up`.
import { UsageError, flagTable } from '../config/index.ts';
import type { Command } from './command.ts';
import { commandTable } from './commands.ts';

const shells = ['bash', 'zsh'];

function renderScript(shell: string): string {
  const commands = commandTable.map(({ name }) => name).join(' ');
  const flags = ['-f', ...Object.keys(flagTable).map((name) => `--${name}`)].join(' ');
  // zsh understands bash's completions once bashcompinit is loaded.
  const prelude = shell === 'zsh' ? 'autoload -U +X bashcompinit && bashcompinit\n' : '';
  return `${prelude}_sallyport() {
  local word=\${COMP_WORDS[COMP_CWORD]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands}" -- "$word"))
  elif [[ $word == -* ]]; then
    case "\${COMP_WORDS[1]}" in
      up) COMPREPLY=($(compgen -W "${flags}" -- "$word")) ;;
      check | explain | compare) COMPREPLY=($(compgen -W "-f --help" -- "$word")) ;;
    esac
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -F _sallyport sallyport
`;
}

export const completionCommand: Command = {
  help: () =>
    'Usage: sallyport completion bash|zsh\n\nPrints a completion script. In ~/.bashrc: source <(sallyport completion bash)\n',
  run: async (words, terminal) => {
    const [shell = ''] = words;
    if (!shells.includes(shell)) {
      throw new UsageError(`sallyport completion: shell "${shell}": one of ${shells.join(', ')} is wanted`);
    }
    terminal.out(renderScript(shell));
    return 0;
  },
};
