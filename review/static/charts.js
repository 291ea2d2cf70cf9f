// Charts from the JSON beside them. Each is drawn as SVG, so that it prints, and stands as a table below as well.
"use strict";

const BLUE = "#1f5c99", SOFT = "#7b8794", LINE = "#d9dfe6", GROUND = "#9fc0e2", GOOD = "#176b3c", BAD = "#a8261c";
const language = document.documentElement.lang;
const font = getComputedStyle(document.body).fontFamily;
const written = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
const percent = (value) => percents.format(value / 100);
const shown = (value) => (value === null || value === undefined ? "—" : written.format(value));

function base(spec) {
  return {
    textStyle: { fontFamily: font, fontSize: 13 },
    animation: false,
    aria: { enabled: true, label: { description: spec.description } },
    tooltip: { trigger: "axis", renderMode: "richText", confine: true },
    grid: { left: 12, right: 28, top: 40, bottom: 8, containLabel: true },
    legend: { top: 4, left: 8, itemHeight: 10 },
  };
}

// The interval of each point as a broad faint stroke under it: the common build has no series of its own for that.
function strokes(spec, series) {
  const horizontal = spec.horizontal;
  const found = [];
  (series.low || []).forEach((low, place) => {
    const high = series.high[place];
    if (low === null || high === null) return;
    const ends = [low, high].map((value) => ({ coord: horizontal ? [value, place] : [place, value] }));
    const clear = horizontal && spec.mark === 0 && (low > 0 || high < 0);
    ends[0].lineStyle = { color: clear ? (low > 0 ? GOOD : BAD) : GROUND };
    found.push(ends);
  });
  return { silent: true, symbol: "none", label: { show: false }, lineStyle: { width: 7, type: "solid", opacity: 0.55, cap: "round" }, data: found };
}

function points(spec) {
  const across = spec.horizontal;
  const names = {
    type: "category", data: spec.categories, axisLine: { lineStyle: { color: SOFT } }, axisTick: { show: false },
    axisLabel: across ? { width: 220, overflow: "break", interval: 0 } : { hideOverlap: true },
  };
  const values = {
    type: "value", min: spec.lowest, max: spec.highest, splitLine: { lineStyle: { color: LINE } }, axisLabel: { formatter: shown },
    name: spec.axis, nameLocation: across ? "middle" : "end", nameGap: across ? 28 : 10, nameTextStyle: { color: "#526070", align: across ? "center" : "left" },
  };
  const series = spec.series.map((item) => ({
    type: "line",
    name: item.name,
    data: item.values.map((value, place) => (across ? [value, place] : value)),
    symbol: item.faint ? "none" : "circle",
    symbolSize: 9,
    connectNulls: true,
    lineStyle: item.joined ? { width: item.faint ? 2 : 2.5, type: item.faint ? "dashed" : "solid", color: item.faint ? SOFT : BLUE } : { width: 0 },
    itemStyle: { color: item.faint ? SOFT : BLUE },
    markLine: strokes(spec, item),
  }));
  if (spec.mark !== null) {
    series.push({
      type: "line", data: [], silent: true, tooltip: { show: false },
      markLine: {
        silent: true, symbol: "none", lineStyle: { color: across ? SOFT : GOOD, type: "dashed", width: 1.5 },
        label: { formatter: spec.markName, position: "end", color: across ? SOFT : GOOD },
        data: [across ? { xAxis: spec.mark } : { yAxis: spec.mark }],
      },
    });
  }
  const option = base(spec);
  option.tooltip.formatter = (given) => tip(spec, given[0].dataIndex);
  option.legend.data = spec.series.map((item) => item.name);
  option.legend.show = spec.series.length > 1;
  option.grid.top = option.legend.show ? 52 : 28;
  if (across && spec.axis) option.grid.bottom = 30;
  if (!across && spec.markName) option.grid.right = 76; // the mark's name stands beside it
  return Object.assign(option, across ? { xAxis: values, yAxis: names } : { xAxis: names, yAxis: values }, { series });
}

function tip(spec, place) {
  const lines = spec.series.map((item) => {
    const low = item.low && item.low[place];
    const ends = low === null || low === undefined ? "" : ` (${shown(low)}…${shown(item.high[place])})`;
    return `${item.name}: ${shown(item.values[place])}${ends}`;
  });
  return [spec.categories[place], ...lines].join("\n");
}

function bars(spec) {
  const option = base(spec);
  option.tooltip.valueFormatter = percent;
  return Object.assign(option, {
    color: [BLUE, "#b9c3ce"],
    xAxis: { type: "category", data: spec.categories, axisTick: { show: false }, axisLabel: { interval: 0 } },
    yAxis: { type: "value", splitLine: { lineStyle: { color: LINE } }, axisLabel: { formatter: percent } },
    series: spec.series.map((item) => ({ type: "bar", name: item.name, data: item.values, barMaxWidth: 36 })),
  });
}

function calibration(spec) {
  const option = base(spec);
  const axis = (name) => ({
    type: "value", min: 0, max: 100, name, nameLocation: "middle", nameGap: 34, splitLine: { lineStyle: { color: LINE } }, axisLabel: { formatter: percent },
  });
  option.tooltip = { trigger: "item", renderMode: "richText", confine: true, formatter: (given) => {
    const point = spec.points[given.dataIndex];
    return point ? `${spec.names[0]}: ${percent(point.said)}\n${spec.names[1]}: ${percent(point.right)} (${shown(point.low)}…${shown(point.high)})\nn = ${point.count}` : "";
  } };
  option.legend.show = false;
  option.grid = { left: 60, right: 28, top: 16, bottom: 50 };
  const strokesOf = spec.points.map((point) => [{ coord: [point.said, point.low] }, { coord: [point.said, point.high] }]);
  return Object.assign(option, {
    xAxis: axis(spec.names[0]),
    yAxis: Object.assign(axis(spec.names[1]), { nameGap: 46 }),
    series: [
      { type: "line", data: [[0, 0], [100, 100]], symbol: "none", silent: true, lineStyle: { color: SOFT, type: "dashed", width: 1.5 } },
      {
        type: "scatter", itemStyle: { color: BLUE }, symbolSize: 11, data: spec.points.map((point) => [point.said, point.right]),
        markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { width: 7, type: "solid", color: GROUND, opacity: 0.55, cap: "round" }, data: strokesOf },
      },
    ],
  });
}

const KINDS = { points, bars, calibration };
const drawn = [];

for (const data of document.querySelectorAll("script[data-chart]")) {
  const place = document.getElementById(data.dataset.chart);
  const spec = JSON.parse(data.textContent);
  if (spec.horizontal) place.classList.add(spec.categories.length > 6 ? "tall" : "low");
  const chart = echarts.init(place, null, { renderer: "svg" });
  chart.setOption(KINDS[spec.kind](spec));
  drawn.push(chart);
}

const fit = (width) => drawn.forEach((chart) => chart.resize(width ? { width } : undefined));
const PAPER_PX = 960; // the width of an A4 page that lies
addEventListener("resize", () => fit());
addEventListener("beforeprint", () => fit(PAPER_PX));
addEventListener("afterprint", () => fit());
