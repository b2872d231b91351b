import ArgumentParser

/// `milvus-tls completion`: prints a script that completes command lines.
struct CompletionCommand: ParsableCommand {
  /// What the script is for.
  enum Shell: String, CaseIterable, ExpressibleByArgument {
    case bash, zsh, fish
    /// The program that kubectl asks for the completion of a plugin.
    case kubectl
  }

  static let configuration = CommandConfiguration(
    commandName: "completion",
    abstract: "Print a script that completes command lines in a shell.",
    discussion: """
      Names of Milvus resources come from the cluster that the command line selects. kubectl runs its script if it is \
      executable and in PATH as kubectl_complete-milvus_tls.

      Examples:
        source <(milvus-tls completion bash)
        milvus-tls completion zsh > "${fpath[1]}/_milvus-tls"
        milvus-tls completion fish > ~/.config/fish/completions/milvus-tls.fish
        milvus-tls completion kubectl > ~/bin/kubectl_complete-milvus_tls
      """
  )

  @Argument(help: "The shell, or kubectl for kubectl milvus-tls.")
  var shell: Shell

  func run() throws {
    switch shell {
    case .bash: try StandardOutput.write(MilvusTLSCommand.completionScript(for: .bash) + "\n")
    case .zsh: try StandardOutput.write(MilvusTLSCommand.completionScript(for: .zsh) + "\n")
    case .fish: try StandardOutput.write(MilvusTLSCommand.completionScript(for: .fish) + "\n")
    case .kubectl: try StandardOutput.write(Self.kubectlScript + "\n")
    }
  }

  /// kubectl runs it with the words after `kubectl milvus-tls`, the last one unfinished, and reads one candidate a line
  /// and then a directive; 4 is ShellCompDirectiveNoFileComp
  /// (https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/, "Shell completion").
  private static let kubectlScript = #"""
    #!/usr/bin/env bash
    # Completes "kubectl milvus-tls": kubectl looks for it as kubectl_complete-milvus_tls in PATH.
    source <(milvus-tls completion bash)
    COMP_WORDS=(milvus-tls "$@")
    COMP_CWORD=$#
    COMP_LINE="${COMP_WORDS[*]}"
    COMP_POINT=${#COMP_LINE}
    COMP_TYPE=9
    COMP_KEY=9
    COMPREPLY=()
    _milvus-tls milvus-tls "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2> /dev/null
    ((${#COMPREPLY[@]})) && printf '%s\n' "${COMPREPLY[@]}"
    echo :4
    """#
}
