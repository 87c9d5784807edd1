//! From the bytes of a JPEG to the pixels that the model takes, as Pillow makes them.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use turbojpeg::{Decompressor, PixelFormat};

use crate::{Fault, model::Model};

/// What one thread needs for a photo. The buffers live on, so that a photo allocates nothing.
pub struct Photos {
    model: Model,
    decompressor: Decompressor,
    resizer: Resizer,
    pixels: Vec<u8>,
    resized: Image<'static>,
}

impl Photos {
    pub fn new(model: Model) -> Result<Self, Fault> {
        let &[_, height, width, 3] = model.input() else {
            return Err("the model does not take pictures".into());
        };
        let resized = Image::new(width.try_into()?, height.try_into()?, PixelType::U8x3);
        Ok(Self { model, decompressor: Decompressor::new()?, resizer: Resizer::new(), pixels: Vec::new(), resized })
    }

    /// Decodes a photo in full size, scales it until it covers the model's input, cuts its middle out, and runs the model.
    pub fn scores<Answer>(&mut self, jpeg: &[u8], answer: impl FnOnce(&[f32]) -> Answer) -> Result<Answer, Fault> {
        let header = self.decompressor.read_header(jpeg)?;
        let (width, height) = (header.width, header.height);
        let pitch = width * 3;
        self.pixels.resize(pitch * height, 0);
        self.decompressor.decompress(jpeg, turbojpeg::Image { pixels: &mut self.pixels[..], width, pitch, height, format: PixelFormat::RGB })?;

        let (to_width, to_height) = (self.resized.width(), self.resized.height());
        let scale = f64::max(f64::from(to_width) / width as f64, f64::from(to_height) / height as f64);
        let [left, across] = window(width, scale, to_width);
        let [top, down] = window(height, scale, to_height);
        // The card says bicubic, and Pillow's bicubic filter is the one of Catmull and Rom.
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom)).crop(left, top, across, down);
        let source = ImageRef::new(width.try_into()?, height.try_into()?, &self.pixels, PixelType::U8x3)?;
        self.resizer.resize(&source, &mut self.resized, &options)?;
        self.model.run(&[1, to_height as usize, to_width as usize, 3], self.resized.buffer(), answer)
    }
}

/// The part of a side that lies in the middle after scaling: where it begins, and how long it is.
fn window(side: usize, scale: f64, target: u32) -> [f64; 2] {
    let (side, target) = (side as f64, f64::from(target));
    let scaled = (side * scale).round().max(target);
    let begin = ((scaled - target) / 2.0).floor();
    [begin * side / scaled, target * side / scaled]
}
