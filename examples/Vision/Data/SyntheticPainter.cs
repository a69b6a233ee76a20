namespace Dpwa.Examples.Vision.Data;

internal enum SyntheticShape
{
    Disc,
    Square,
    Triangle,
    Cross,
    Ring,
}

internal enum SyntheticTexture
{
    Striped,
    Chequered,
}

/// <summary>
/// Draws one synthetic image. Lengths are in sixteenths of a pixel, and all arithmetic is on integers: floating-point sines and
/// roots may differ in the last bit between machines, and the images must not.
/// </summary>
internal sealed class SyntheticPainter
{
    private const int Side = 32;
    private const int Unit = 16;
    private const int Patches = 3;

    private readonly SplitMix64 _random;
    private readonly SyntheticShape _shape;
    private readonly SyntheticTexture _texture;
    private readonly int _centerX, _centerY, _radius, _cell, _phaseS, _phaseT, _noise;
    private readonly Axes _shapeAxes, _textureAxes;
    private readonly int[] _background = new int[3], _slopeX = new int[3], _slopeY = new int[3];
    private readonly int[][] _tones = [new int[3], new int[3]];
    private readonly Patch[] _clutter = new Patch[Patches];

    public SyntheticPainter(SplitMix64 random, SyntheticShape shape, SyntheticTexture texture)
    {
        (_random, _shape, _texture) = (random, shape, texture);
        _centerX = Side * Unit / 2 + random.Between(-3 * Unit, 3 * Unit);
        _centerY = Side * Unit / 2 + random.Between(-3 * Unit, 3 * Unit);
        _radius = random.Between(9 * Unit, 12 * Unit);
        _cell = random.Between(2 * Unit, 3 * Unit);
        (_phaseS, _phaseT) = (random.Below(2 * _cell), random.Below(2 * _cell));
        _shapeAxes = new Axes(64, random.Between(-20, 20));
        _textureAxes = new Axes(random.Between(-24, 24), 64);
        _noise = random.Between(12, 40);
        MixColours();
        for (int i = 0; i < Patches; i++)
            _clutter[i] = new Patch(random);
    }

    /// <summary>Writes the image, channel by channel.</summary>
    public void Paint(Span<byte> image)
    {
        const int plane = Side * Side;
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                int pixelX = x * Unit + Unit / 2, pixelY = y * Unit + Unit / 2;
                int dx = pixelX - _centerX, dy = pixelY - _centerY;
                int[]? tone = Inside(dx, dy) ? _tones[Tone(dx, dy)] : null;
                int clutter = tone is null ? Clutter(pixelX, pixelY) : 0;
                ulong bits = _random.Next();
                for (int channel = 0; channel < 3; channel++)
                {
                    int color = tone is null
                        ? _background[channel] + (_slopeX[channel] * (x - Side / 2) + _slopeY[channel] * (y - Side / 2)) / Side + clutter
                        : tone[channel];
                    image[channel * plane + y * Side + x] = (byte)Math.Clamp(color + Noise(bits >> (21 * channel)), 0, 255);
                }
            }
        }
    }

    // Hues are free and the same for every class, and the background's brightness varies more than the shape adds to it: no mean
    // colour gives a class away. The shape is always brighter than what is behind it, which spares a small net learning every
    // edge twice, light on dark and dark on light.
    private void MixColours()
    {
        int background = _random.Between(20, 110), brighter = _random.Between(50, 90), contrast = _random.Between(20, 50);
        for (int channel = 0; channel < 3; channel++)
        {
            _background[channel] = background + _random.Between(-20, 60);
            int color = _background[channel] + brighter + _random.Between(-30, 30);
            _tones[0][channel] = color + contrast;
            _tones[1][channel] = color - contrast;
            _slopeX[channel] = _random.Between(-30, 30);
            _slopeY[channel] = _random.Between(-30, 30);
        }
    }

    private bool Inside(int dx, int dy)
    {
        (int u, int v) = _shapeAxes.Turn(dx, dy);
        int r = _radius, square = u * u + v * v;
        return _shape switch
        {
            SyntheticShape.Disc => square <= r * r,
            SyntheticShape.Square => Math.Max(Math.Abs(u), Math.Abs(v)) <= r * 7 / 8,
            SyntheticShape.Triangle => v <= r * 3 / 4 && 2 * Math.Abs(u) <= v + r,
            SyntheticShape.Cross => Math.Min(Math.Abs(u), Math.Abs(v)) <= r / 3 && Math.Max(Math.Abs(u), Math.Abs(v)) <= r,
            _ => square <= r * r && square * 4 >= r * r,
        };
    }

    private int Tone(int dx, int dy)
    {
        (int s, int t) = _textureAxes.Turn(dx, dy);
        int row = Cell(s + _phaseS), column = _texture == SyntheticTexture.Chequered ? Cell(t + _phaseT) : 0;
        return (row + column) & 1;
    }

    // Division rounds towards zero: far enough from it, that is downwards everywhere.
    private int Cell(int place) => (place + 64 * _cell) / _cell;

    private int Clutter(int x, int y)
    {
        int sum = 0;
        foreach (Patch patch in _clutter)
            sum += patch.At(x, y);
        return sum;
    }

    // The sum of three bytes of seven bits is near enough to a normal number; its deviation is 64, of which this takes a part.
    private int Noise(ulong bits)
    {
        int sum = (int)(bits & 127) + (int)((bits >> 7) & 127) + (int)((bits >> 14) & 127) - 190;
        return sum * _noise / 64;
    }

    /// <summary>A turned pair of axes. The direction is a whole-number vector and its length a whole-number root.</summary>
    private readonly struct Axes(int a, int b)
    {
        private readonly int _length = Root(a * a + b * b);

        public (int U, int V) Turn(int x, int y) => ((a * x + b * y) / _length, (a * y - b * x) / _length);

        private static int Root(int value)
        {
            int root = 0;
            while ((root + 1) * (root + 1) <= value)
                root++;
            return root;
        }
    }

    /// <summary>A faint round or square spot in the background, so that an edge alone means no shape.</summary>
    private readonly struct Patch(SplitMix64 random)
    {
        private readonly int _x = random.Below(Side * Unit), _y = random.Below(Side * Unit), _size = random.Between(2 * Unit, 6 * Unit);
        private readonly int _shade = random.Between(-40, 40);
        private readonly bool _round = random.Below(2) == 1;

        public int At(int x, int y)
        {
            int dx = x - _x, dy = y - _y;
            bool inside = _round ? dx * dx + dy * dy <= _size * _size : Math.Max(Math.Abs(dx), Math.Abs(dy)) <= _size;
            return inside ? _shade : 0;
        }
    }
}
