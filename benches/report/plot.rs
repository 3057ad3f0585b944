//! Lines over the number of viewers, as one SVG.

use std::path::Path;

use plotters::prelude::*;

/// One panel: what it shows, and its lines.
pub struct Panel {
    pub title: String,
    pub lines: Vec<Line>,
}

/// One line: its name, and its points: viewers, value.
pub struct Line {
    pub name: &'static str,
    pub points: Vec<(f64, f64)>,
}

/// Colours that differ for everybody, and in grey.
const COLOURS: [RGBColor; 3] = [
    RGBColor(0, 90, 156),
    RGBColor(213, 94, 0),
    RGBColor(0, 130, 100),
];

const SIZE: (u32, u32) = (960, 680);

/// Draws four panels.
pub fn draw(file: &Path, panels: &[Panel]) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    for (area, panel) in root.split_evenly((2, 2)).iter().zip(panels) {
        let all = || panel.lines.iter().flat_map(|line| &line.points);
        let most = |part: fn(&(f64, f64)) -> f64| all().map(part).fold(0.0, f64::max) * 1.08;
        let (right, top) = (most(|it| it.0).max(1.0), most(|it| it.1).max(1e-9));
        let mut chart = ChartBuilder::on(area)
            .caption(&panel.title, ("sans-serif", 16))
            .margin(14)
            .x_label_area_size(34)
            .y_label_area_size(56)
            .build_cartesian_2d(0.0..right, 0.0..top)?;
        chart
            .configure_mesh()
            .x_desc("viewers")
            .x_labels(6)
            .y_labels(6)
            .x_label_formatter(&|it| format!("{it:.0}"))
            .y_label_formatter(&|it| match top {
                ..10.0 => format!("{it:.1}"),
                _ => format!("{it:.0}"),
            })
            .light_line_style(WHITE)
            .bold_line_style(RGBColor(225, 225, 225))
            .label_style(("sans-serif", 13))
            .draw()?;
        for (line, colour) in panel.lines.iter().zip(COLOURS) {
            chart
                .draw_series(LineSeries::new(line.points.clone(), colour.stroke_width(2)))?
                .label(line.name)
                .legend(move |(x, y)| {
                    PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2))
                });
            let dots = line
                .points
                .iter()
                .map(|it| Circle::new(*it, 4, colour.filled()));
            chart.draw_series(dots)?;
        }
        if panel.lines.len() > 1 {
            chart
                .configure_series_labels()
                .position(SeriesLabelPosition::UpperLeft)
                .background_style(WHITE.mix(0.85))
                .label_font(("sans-serif", 13))
                .draw()?;
        }
    }
    root.present()?;
    Ok(())
}
