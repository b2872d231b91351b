/// The look of a report: light or dark as the reader's system is, light on paper. Paper has no colours to rely on, so
/// that every state has a sign and a word too.
enum ReportStyle {
  static let sheet: HTML = """
    :root { color-scheme: light dark; --page: #ffffff; --ink: #1b2430; --soft: #5a6675; --line: #d5dbe3; --band: #eef2f7;
      --good: #146c37; --good-back: #e2f4e8; --bad: #a3171c; --bad-back: #fde8e7; --warning: #7a4b00;
      --warning-back: #fdf0d3; --unknown: #4b5563; --unknown-back: #eaedf1; --link: #0b57b0;
      --authority: #7a5ab5; --server: #2673c9; --client: #14877c; --due: #ffffff; --over: #c62f2f; --today: #c62f2f;
      --window: #b08415; }
    @media (prefers-color-scheme: dark) { :root { --page: #12171e; --ink: #e4e9f0; --soft: #9fabb9; --line: #323c49;
      --band: #1c242e; --good: #76d596; --good-back: #15311f; --bad: #ff9d97; --bad-back: #451a1b; --warning: #f3c566;
      --warning-back: #3b2c0c; --unknown: #b9c3cf; --unknown-back: #29323d; --link: #83b8f8; --authority: #a58be0;
      --server: #5b9fee; --client: #3db8ab; --due: #12171e; --over: #e8625c; --today: #ff8b83; --window: #d3a63a; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 28px 32px 40px; max-width: 1280px; background: var(--page); color: var(--ink);
      font: 15px/1.45 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
    h1 { margin: 0; font-size: 28px; } h2 { margin: 36px 0 10px; font-size: 21px; } h3 { margin: 22px 0 8px; font-size: 16px; }
    p { margin: 4px 0 10px; } a { color: var(--link); } header p, footer, .small { color: var(--soft); }
    .small { font-size: 12.5px; font-weight: 400; } footer { margin-top: 40px; padding-top: 12px; border-top: 1px solid var(--line); font-size: 13px; }
    .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 12px; margin: 20px 0; }
    .tile { padding: 12px 14px; border: 1px solid var(--line); border-left: 5px solid var(--soft); border-radius: 6px;
      overflow-wrap: anywhere; }
    .tile.good { border-left-color: var(--good); } .tile.bad { border-left-color: var(--bad); }
    .tile.warning { border-left-color: var(--warning); }
    .tile .number { font-size: 25px; font-weight: 650; white-space: nowrap; } .tile .name { font-weight: 600; }
    table { width: 100%; border-collapse: collapse; font-size: 14px; }
    th, td { padding: 7px 10px 7px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
    thead th { color: var(--soft); font-size: 12.5px; font-weight: 600; white-space: nowrap; }
    tbody th { min-width: 9.5em; font-weight: 600; overflow-wrap: anywhere; } td.text { overflow-wrap: anywhere; } td.time { white-space: nowrap; }
    time { font-variant-numeric: tabular-nums; white-space: nowrap; } .hex { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 11.5px; }
    .badge { display: inline-block; padding: 1px 9px; border-radius: 10px; font-size: 13px; font-weight: 600;
      overflow-wrap: break-word; color: var(--unknown); background: var(--unknown-back); }
    .badge.good { color: var(--good); background: var(--good-back); } .badge.bad { color: var(--bad); background: var(--bad-back); }
    .badge.warning { color: var(--warning); background: var(--warning-back); }
    .gaps, .stale { padding: 1px 16px 6px; border-left: 5px solid var(--warning); background: var(--warning-back); }
    .stale { padding: 8px 16px; } .gaps h2 { margin-top: 10px; font-size: 17px; } .problem { color: var(--bad); font-weight: 600; }
    .release { border-top: 2px solid var(--line); margin-top: 34px; } .release h2 { margin-top: 16px; overflow-wrap: anywhere; }
    figure { margin: 0 0 14px; overflow-x: auto; } svg { display: block; width: 100%; height: auto; font-family: inherit; }
    svg.timeline { min-width: 900px; } svg.trust { max-width: 1000px; }
    svg text { fill: var(--ink); font-size: 13px; } text.release { font-weight: 650; border: 0; }
    text.axis, text.note, text.end { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
    text.end { fill: var(--ink); } text.end.over { fill: var(--bad); font-weight: 650; }
    text.today { fill: var(--today); font-size: 12px; font-weight: 650; } line.today { stroke: var(--today); stroke-width: 1.5; }
    line.grid { stroke: var(--line); } .band { fill: var(--band); }
    .bar.authority, .key.authority { fill: var(--authority); background: var(--authority); }
    .bar.server, .key.server { fill: var(--server); background: var(--server); }
    .bar.client, .key.client { fill: var(--client); background: var(--client); }
    .bar.over, .key.over { fill: var(--over); background: var(--over); }
    rect.due { fill: var(--due); fill-opacity: .6; } .renewal { fill: var(--page); stroke: var(--ink); stroke-width: 2; }
    .window { fill: var(--window); background: var(--window); } .arrow { fill: none; stroke: var(--page); stroke-width: 2; }
    .legend { color: var(--soft); font-size: 13px; }
    .key { display: inline-block; width: 18px; height: 11px; margin: 0 5px 0 12px; border-radius: 2px; }
    .key:first-child { margin-left: 0; } .key.pale { border: 1px solid var(--soft); background: var(--band); }
    .key.diamond { width: 10px; height: 10px; border: 2px solid var(--ink); border-radius: 0; transform: rotate(45deg); }
    .key.window { width: 4px; } .key.line, .key.dashes { height: 2px; width: 30px; vertical-align: middle; background: var(--ink); }
    .key.dashes { background: repeating-linear-gradient(90deg, var(--soft) 0 6px, transparent 6px 10px); }
    .box { fill: var(--band); stroke-width: 2; } .box.authority { stroke: var(--authority); } .box.server { stroke: var(--server); }
    .box.client { stroke: var(--client); } text.box-title { font-size: 14px; font-weight: 650; } text.box-text { fill: var(--soft); font-size: 12.5px; }
    .edge { fill: none; stroke: var(--ink); stroke-width: 1.6; } .edge.trusts { stroke: var(--soft); stroke-dasharray: 6 4; }
    .head { fill: var(--ink); } .head.trusts { fill: var(--soft); }
    @page { size: landscape; margin: 12mm; }
    @media print { :root { color-scheme: light; --page: #ffffff; --ink: #000000; --soft: #3c4550; --line: #b4bcc6; --band: #eef2f7;
      --good: #0e5a2c; --good-back: #ffffff; --bad: #8f1015; --bad-back: #ffffff; --warning: #6b4100; --warning-back: #ffffff;
      --unknown: #3c4550; --unknown-back: #ffffff; --link: #000000; --authority: #7a5ab5; --server: #2673c9; --client: #14877c;
      --due: #ffffff; --over: #c62f2f; --today: #c62f2f; --window: #b08415; }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      body { max-width: none; padding: 0; font-size: 11px; } h1 { font-size: 20px; } h2 { font-size: 15px; } h3 { font-size: 12px; } table { font-size: 10px; } a { text-decoration: none; }
      .badge { border: 1px solid currentColor; font-size: 10px; padding: 0 6px; } .tiles { grid-template-columns: repeat(6, 1fr); gap: 6px; }
      .tile { padding: 6px 8px; } .tile .number { font-size: 15px; } .small, .hex, thead th { font-size: 9px; }
      .legend { font-size: 10px; } svg.timeline { min-width: 0; } figure { overflow: visible; }
      tr, figure, .tile { break-inside: avoid; } h2, h3, .legend { break-after: avoid; } thead { display: table-header-group; } }

    """
}
